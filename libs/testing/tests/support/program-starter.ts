/** Starts a program that would run for long, tells its process id, and waits to be killed. Arguments: folder. */
import { runProgram } from '../../src/servers/run-program.ts';

const { pid } = await runProgram('sleep', ['600'], process.argv[2] ?? '');
process.send?.(pid);
setInterval(() => undefined, 60_000);
