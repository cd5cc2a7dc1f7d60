/** Locks the data folder given and holds it until killed. */
import { lockDataFolder } from '@parley/sqlite';

lockDataFolder(process.argv[2] ?? '');
process.send?.('locked');
setInterval(() => undefined, 1_000);
