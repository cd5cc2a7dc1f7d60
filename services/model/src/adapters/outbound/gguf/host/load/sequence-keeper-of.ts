import { join } from 'node:path';
import { systemClock } from '@parley/kernel';
import type { LlamaContext } from 'node-llama-cpp';
import type { ModelSpec } from '../../../../../ports/engine.ts';
import type { KeptSettings } from '../../host-protocol.ts';
import { KeptFolder } from '../../kept/kept-folder.ts';
import { KeptKeys } from '../../kept/kept-keys.ts';
import { KeptStore } from '../../kept/kept-store.ts';
import { llamaCppVersion } from '../../llama-cpp-version.ts';
import { SequenceKeeper } from '../prefix/sequence-keeper.ts';
import type { SequenceReuse } from '../step/step-batch.ts';

/** The model whose sequences are to outlive it. */
export interface KeptModel {
  readonly spec: Pick<ModelSpec, 'digest' | 'contextTokens' | 'slots'>;
  /** Of all slots. */
  readonly kvBytes: number;
  readonly context: Pick<LlamaContext, 'flashAttention' | 'kvCacheKeyType' | 'kvCacheValueType'>;
  readonly gpu: string | false;
  readonly reuse: SequenceReuse | undefined;
}

/** Undefined where nothing is to be kept, where it is not known of which weights it is, and where nothing can be reused. */
export function sequenceKeeper(
  { spec, kvBytes, context, gpu, reuse }: KeptModel,
  { kept, onTrouble }: { readonly kept?: KeptSettings; readonly onTrouble: (message: string) => void },
): SequenceKeeper | undefined {
  const files = reuse?.files;
  if (kept === undefined || spec.digest === undefined || files === undefined) return undefined;
  const { flashAttention, kvCacheKeyType, kvCacheValueType } = context;
  const layout = [gpu, flashAttention, kvCacheKeyType, kvCacheValueType].join(' ');
  const folder = new KeptFolder(kept.folder);
  const store = new KeptStore({
    folder,
    keys: KeptKeys.fromWire(kept.keys),
    maxBytes: kept.maxBytes,
    engine: ['node-llama-cpp', llamaCppVersion, spec.digest, layout].join('\n'),
    now: () => systemClock.now(),
  });
  return new SequenceKeeper({
    store,
    files,
    folder: join(kept.folder, 'plain'),
    bytesPerToken: kvBytes / (spec.contextTokens * spec.slots),
    contextTokens: spec.contextTokens,
    leastTokens: kept.leastTokens,
    onTrouble,
  });
}
