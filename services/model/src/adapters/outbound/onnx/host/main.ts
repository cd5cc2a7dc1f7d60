import { ServiceLink } from '../../gguf/host/service-link.ts';
import { onnxInstallation } from '../onnx-installation.ts';
import { inspectOnnx } from './inspect-onnx.ts';
import { loadOnnx } from './load-onnx.ts';
import { openRuntime } from './onnx-runtime.ts';

const service = new ServiceLink();
const { threads } = service;
const runtime = openRuntime(onnxInstallation());
service.serve({
  inspect: inspectOnnx,
  load: (spec, options) => loadOnnx(runtime, spec, { threads, ...options }),
});
