/** `npm run engine:onnx`: installs what the onnx engine runs on. A running service finds it at the next load. */
import { installOnnxEngine } from './provision/onnx-engine.mjs';

try {
  console.log('Installing the onnx engine into engines/onnx (114 MB are fetched, 48 MB stay) …');
  const { installed, megabytes } = installOnnxEngine();
  console.log(
    installed ? `The onnx engine is installed: ${megabytes} MB.` : `It was there: ${megabytes} MB.`,
  );
  console.log('Models with "engine: onnx" can be loaded now; a running service needs no restart.');
} catch (error) {
  console.error(`The onnx engine could not be installed: ${error.message}`);
  console.error('Nothing else needs it. Mend the cause and run it again: npm run engine:onnx');
  process.exitCode = 1;
}
