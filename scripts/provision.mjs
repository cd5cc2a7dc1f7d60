/**
 * Puts in place what `npm test` can use beyond Node: a real chat model and the servers of production. Idempotent; what
 * cannot be had is named, and the tests that need it say so when they skip.
 */
import { provisionRealModel } from './provision/real-model.mjs';
import { provisionRedis } from './provision/redis-server.mjs';

const done = [provisionRedis(), await provisionRealModel()];
if (done.includes(false)) process.exitCode = 1;
