/** A process that converts a folder until it is killed. Arguments: the model cache, the converter's folder, the folder. */
import { FileShardFolders } from '../../../src/adapters/outbound/convert/file-shard-folders.ts';
import { LlamaConverter } from '../../../src/adapters/outbound/convert/llama-converter.ts';
import { FakeFileDigests } from '../../../src/ports/fake-file-digests.ts';
import { FakeMoveProgress } from '../../../src/ports/fake-move-progress.ts';

const [cacheFolder = '', toolFolder = '', path = ''] = process.argv.slice(2);
const progress = new FakeMoveProgress();
const folder = await new FileShardFolders(new FakeFileDigests()).read(path, progress.signal);
const place = { cacheFolder, toolFolder, environment: process.env };
const converter = new LlamaConverter({ ...place, python: 'python3', wholePython: '' });
await converter.convert({ folder, name: 'orphan.gguf', preTokenizer: 'qwen2' }, progress);
