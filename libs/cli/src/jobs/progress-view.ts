import { MultiBar } from 'cli-progress';
import type { SingleBar } from 'cli-progress';
import type { Job } from '../api/api-types.ts';
import type { Output } from '../output.ts';
import { bytesText } from '../table.ts';
import { progressText } from './job-text.ts';

/** Shows how a job goes on. */
export interface ProgressView extends Disposable {
  /** What is known of it now. */
  show(job: Job): void;
  /** A line for people beside the progress. */
  say(line: string): void;
}

/** A bar on a terminal, else lines. */
export function progressView(output: Output): ProgressView {
  return output.terminal === undefined ? new ProgressLines(output) : new ProgressBar(output.terminal);
}

/** A line for each stage and each tenth of it. */
class ProgressLines implements ProgressView {
  readonly #output: Output;
  #shown = '';

  constructor(output: Output) {
    this.#output = output;
  }

  show(job: Job): void {
    const step = `${job.state} ${job.stage} ${Math.floor(job.progress * 10)}`;
    if (step === this.#shown) return;
    this.#shown = step;
    this.say(progressText(job));
  }

  say(line: string): void {
    this.#output.err(`  ${line}`);
  }

  [Symbol.dispose](): void {}
}

const barSteps = 1000;

class ProgressBar implements ProgressView {
  readonly #bars: MultiBar;
  readonly #bar: SingleBar;

  constructor(stream: NodeJS.WriteStream) {
    this.#bars = new MultiBar({
      stream,
      format: '  [{bar}] {percentage}%  {what}',
      barsize: 30,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      linewrap: true,
      gracefulExit: false,
      clearOnComplete: true,
    });
    this.#bar = this.#bars.create(barSteps, 0, { what: '' });
  }

  show(job: Job): void {
    this.#bar.update(Math.floor(Math.min(1, job.progress) * barSteps), { what: besideBar(job) });
  }

  say(line: string): void {
    this.#bars.log(`  ${line}\n`);
  }

  [Symbol.dispose](): void {
    // Lines said last are written by an update only.
    this.#bars.update();
    this.#bars.stop();
  }
}

function besideBar({ state, stage, done_bytes, total_bytes }: Job): string {
  const what = stage === '' ? state : stage;
  return total_bytes > 0 ? `${what}  ${bytesText(done_bytes)} of ${bytesText(total_bytes)}` : what;
}
