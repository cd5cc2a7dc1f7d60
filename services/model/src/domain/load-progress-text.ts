import type { LoadProgress } from '../ports/engine.ts';
import type { MoveProgress } from '../ports/move-progress.ts';

/** Where in a whole load each stage begins and ends, as far as loads are alike. */
const spans: Readonly<Record<LoadProgress['stage'], readonly [from: number, to: number]>> = {
  'waiting for its turn': [0, 0],
  'reading the file': [0, 0.1],
  'trying the file out in a process of its own': [0.1, 0.3],
  'starting the engine': [0.3, 0.35],
  'loading weights': [0.35, 0.8],
  'making the context': [0.8, 0.9],
  'warming up': [0.9, 0.95],
};

/** Tells people how far the load of `model` has come: "loading weights of smollm2 40 %". */
export function tellLoad(model: string, { stage, share }: LoadProgress, progress: MoveProgress): void {
  const [from, to] = spans[stage];
  const percent = share > 0 && share < 1 ? ` ${Math.round(share * 100)} %` : '';
  progress.stage(`${model}: ${stage}${percent}`);
  progress.share(from + (to - from) * share);
}
