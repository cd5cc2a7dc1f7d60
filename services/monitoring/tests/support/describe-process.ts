// Run as a process of its own by fake-process.ts: answers Instance.Describe with the bytes it is given, and tells its
// port on stdout. It knows grpc-js only, so that it starts without a build.
import { Server, ServerCredentials } from '@grpc/grpc-js';

const [port = '0', answer = ''] = process.argv.slice(2);
const bytes = Buffer.from(answer, 'base64');
const same = (value: Buffer): Buffer => value;

const service = {
  describe: {
    path: '/parley.common.v1.Instance/Describe',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
};

const server = new Server();
server.addService(service, {
  describe: (_call: unknown, callback: (error: null, value: Buffer) => void) => callback(null, bytes),
});
server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
  if (error !== null) throw error;
  process.stdout.write(`${bound}\n`);
});
// Nothing outlives the test that started it.
process.stdin.on('end', () => process.exit(0)).resume();
