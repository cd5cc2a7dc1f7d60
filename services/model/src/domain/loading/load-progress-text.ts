import type { LoadProgress } from '../../ports/load-progress.ts';
import type { MoveProgress } from '../../ports/move-progress.ts';

/** Where in a whole load each stage begins and ends, as far as loads are alike. */
const spans: Readonly<Record<LoadProgress['stage'], readonly [from: number, to: number]>> = {
  'waiting for its turn': [0, 0],
  'reading the file': [0, 0.1],
  'converting the weights': [0, 0.1],
  'writing the weights anew': [0, 0.1],
  'trying the file out in a process of its own': [0.1, 0.3],
  'starting the engine': [0.3, 0.35],
  'loading weights': [0.35, 0.8],
  'making the context': [0.8, 0.9],
  'warming up': [0.9, 0.95],
};

/** How far a load has come, for people: "loading weights 40 %". */
export function loadText({ stage, share }: LoadProgress): string {
  const percent = share > 0 && share < 1 ? ` ${Math.round(share * 100)} %` : '';
  return `${stage}${percent}`;
}

/** How much of a whole load is done, 0 to 1. */
function loadShare({ stage, share }: LoadProgress): number {
  const [from, to] = spans[stage];
  return from + (to - from) * share;
}

/** Tells people how far the load of `model` has come: "smollm2: loading weights 40 %". */
export function tellLoad(model: string, load: LoadProgress, progress: MoveProgress): void {
  progress.stage(`${model}: ${loadText(load)}`);
  progress.share(loadShare(load));
}
