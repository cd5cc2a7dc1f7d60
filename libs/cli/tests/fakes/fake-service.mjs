// A service that does nothing but start, answer on its HTTP port, and end. FAKE_BEHAVIOUR says what one does instead.
import { createServer } from 'node:http';

const service = process.env.FAKE_SERVICE;
const behaviour = JSON.parse(process.env.FAKE_BEHAVIOUR ?? '{}')[service] ?? 'works';
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {
  if (behaviour !== 'ignores SIGTERM') process.exit(0);
});
process.on('disconnect', () => process.exit(0));
if (behaviour === 'fails to start') {
  console.error('config/models/bad.yaml:3: spec.path: must name a file');
  process.exit(1);
}
const server = createServer((_request, response) => response.end(service));
server.listen(Number(process.env.PARLEY_PORT ?? 0), '127.0.0.1', () => process.send({ type: 'ready' }));
