/**
 * Puts in place what `npm test` can use beyond Node: a real chat model and the servers of production. Idempotent; what
 * cannot be had is named, and the tests that need it say so when they skip.
 */
import { provisionClients } from './provision/clients.mjs';
import { provisionConverter } from './provision/converter.mjs';
import { provisionDeployTools } from './provision/deploy-tools.mjs';
import { provisionKafka } from './provision/kafka.mjs';
import { provisionLlamaServer } from './provision/llama-server.mjs';
import { provisionOnnx } from './provision/onnx.mjs';
import { provisionPostgres } from './provision/postgresql.mjs';
import { provisionPythonConsumer } from './provision/python-consumer.mjs';
import { provisionRealModel } from './provision/real-model.mjs';
import { provisionRedis } from './provision/redis-server.mjs';

const done = [
  provisionRedis(),
  provisionPostgres(),
  await provisionKafka(),
  provisionClients(),
  provisionDeployTools(),
  await provisionRealModel(),
  await provisionOnnx(),
  provisionLlamaServer(),
  provisionConverter(),
  provisionPythonConsumer(),
];
if (done.includes(false)) process.exitCode = 1;
