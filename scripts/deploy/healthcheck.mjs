/** Ends with 0 when the service of this container is ready; containers run it as their health check. */
import { get } from 'node:http';

const port = process.env.PARLEY_TELEMETRY_PORT ?? '9464';
const asked = get({ host: '127.0.0.1', port, path: '/readyz', timeout: 2000 }, (response) => {
  process.exitCode = response.statusCode === 200 ? 0 : 1;
  response.resume();
});
asked.on('timeout', () => asked.destroy());
asked.on('error', () => {
  process.exitCode = 1;
});
