import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ParleyError } from '@parley/kernel';
import type { MoveProgress } from '../../../ports/move-progress.ts';
import { onceMade } from './once-made.ts';
import { lastWords, runTool } from './run-tool.ts';

/** How the environment is made. */
export interface PythonOptions {
  /** Where it is kept. */
  readonly folder: string;
  /** The machine's own Python, whose pip fetches the packages. */
  readonly python: string;
  readonly environment: NodeJS.ProcessEnv;
  /** A file with the packages and their versions. */
  readonly requirements: string;
}

/** The versions for which all packages have wheels. */
const versions = { least: 11, most: 13 };
const askTimeLimitMs = 60_000;
const makeTimeLimitMs = 30 * 60_000;
const tellVersion = "import sys; print('%d.%d' % sys.version_info[:2])";

/** The Python that the converter runs on, with pinned packages, made when it is first needed. */
export class PythonEnvironment {
  readonly #options: PythonOptions;

  constructor(options: PythonOptions) {
    this.#options = options;
  }

  /**
   * The path of its interpreter.
   * @throws ParleyError `unsupported` that says what of Python is missing and how it comes; `engine_failed` when packages
   * cannot be fetched; the signal's reason.
   */
  async interpreter(progress: MoveProgress): Promise<string> {
    const { folder, requirements } = this.#options;
    const version = await this.#version(progress.signal);
    const digest = createHash('sha256')
      .update(await readFile(requirements))
      .digest('hex')
      .slice(0, 12);
    const target = join(folder, `python${version}-${digest}`);
    const onWait = (): void =>
      progress.stage('waiting for another process that makes the Python environment');
    await onceMade(target, { signal: progress.signal, onWait }, (part) => this.#make(part, progress));
    return join(target, 'bin/python');
  }

  async #version(signal: AbortSignal): Promise<string> {
    const { python } = this.#options;
    const { code, stdout, stderr } = await this.#run(python, ['-c', tellVersion], signal, askTimeLimitMs);
    const minor = /^3\.(\d+)$/.exec(stdout.trim())?.[1];
    if (
      code === 0 &&
      minor !== undefined &&
      Number(minor) >= versions.least &&
      Number(minor) <= versions.most
    )
      return stdout.trim();
    const found = code === 0 ? stdout.trim().slice(0, 20) : lastWords(stderr);
    throw lacking(
      `The converter needs Python 3.${versions.least} to 3.${versions.most}; ${python} is ${found}.`,
    );
  }

  async #make(part: string, progress: MoveProgress): Promise<void> {
    const { python, requirements } = this.#options;
    progress.stage('making the Python environment of the converter, once');
    progress.note('Fetching the Python packages of the converter (about 50 MB; 190 MB on the disk).');
    const made = await this.#run(python, ['-m', 'venv', part], progress.signal, makeTimeLimitMs);
    if (made.code !== 0) {
      const words = /ensurepip/.test(made.stdout + made.stderr)
        ? 'it has no venv and no pip (on Debian: apt-get install python3-venv)'
        : lastWords(made.stderr);
      throw lacking(`${python} cannot make an environment: ${words}.`);
    }
    const pip =
      '-m pip install --quiet --no-input --disable-pip-version-check --no-compile --only-binary :all: --requirement'.split(
        ' ',
      );
    const own = join(part, 'bin/python');
    const fetched = await this.#run(own, [...pip, requirements], progress.signal, makeTimeLimitMs);
    if (fetched.code === 0) return;
    const message = `pip cannot fetch the packages of the converter: ${lastWords(fetched.stderr) || fetched.how}`;
    throw new ParleyError('engine_failed', message, { retryable: false });
  }

  async #run(program: string, args: readonly string[], signal: AbortSignal, timeLimitMs: number) {
    const { environment, python } = this.#options;
    const what = 'that makes the Python environment of the converter';
    try {
      return await runTool(program, args, { what, environment, signal, timeLimitMs });
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'unsupported')
        throw lacking(`There is no ${python} on this machine.`);
      throw error;
    }
  }
}

function lacking(what: string): ParleyError {
  const message =
    `${what} Converting takes Python 3.${versions.least} to 3.${versions.most} with venv and pip: install it, or name ` +
    'one in PARLEY_PYTHON; or name one that has PyTorch and transformers in PARLEY_CONVERT_PYTHON.';
  return new ParleyError('unsupported', message);
}
