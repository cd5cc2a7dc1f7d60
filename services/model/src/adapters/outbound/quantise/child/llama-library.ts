import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ParleyError } from '@parley/kernel';
import koffi from 'koffi';
import { llamaRelease } from '../llama-release.ts';

/** Size of `llama_model_quantize_params` in that release. */
const structBytes = 64;

/** The format's number in `enum llama_ftype`. */
const fileTypes: Readonly<Record<string, number>> = {
  f16: 1,
  q4_0: 2,
  q8_0: 7,
  q5_0: 8,
  q3_k_m: 12,
  q4_k_s: 14,
  q4_k_m: 15,
  q5_k_s: 16,
  q5_k_m: 17,
  q6_k: 18,
  bf16: 32,
};

const parameters = {
  nthread: 'int32_t',
  ftype: 'int32_t',
  output_tensor_type: 'int32_t',
  token_embedding_type: 'int32_t',
  allow_requantize: 'bool',
  quantize_output_tensor: 'bool',
  only_copy: 'bool',
  pure: 'bool',
  keep_split: 'bool',
  dry_run: 'bool',
  imatrix: 'void *',
  kv_overrides: 'void *',
  tt_overrides: 'void *',
  prune_layers: 'void *',
  max_buf_size: 'size_t',
};

/** What is known about a library before anything of it is used. */
export interface FoundLibrary {
  readonly file: string;
  /** What `llama_version()` says. */
  readonly version: string;
  /** Of our description of the structure on this machine. */
  readonly structBytes: number;
  /** `ftype` of its default parameters: Q8_0, where the description fits. */
  readonly defaultFileType: number;
}

/** @throws ParleyError `engine_failed` that says what was found: another structure would be read as garbage. */
export function requireKnownLibrary(found: FoundLibrary): void {
  const { file, version } = found;
  const known = version === llamaRelease || version.startsWith(`${llamaRelease}-`);
  const differences = [
    ...(known ? [] : [`it is version ${version || '(none)'}`]),
    ...(found.structBytes === structBytes ? [] : [`its parameters take ${found.structBytes} bytes here`]),
    ...(found.defaultFileType === fileTypes['q8_0']
      ? []
      : ['its default parameters are not where they should be']),
  ];
  if (differences.length === 0) return;
  const message =
    `Quantising needs the library of llama.cpp ${llamaRelease}, whose parameters take ${structBytes} bytes; of ${file} ` +
    `was found: ${differences.join('; ')}. Reinstall with npm ci.`;
  throw new ParleyError('engine_failed', message, { retryable: false });
}

/** The packages in which node-llama-cpp ships its libraries for this machine, those without GPU code first. */
function packages(): string[] {
  const { platform, arch } = process;
  const system = { linux: 'linux', darwin: 'mac', win32: 'win' }[platform as string] ?? platform;
  const machine = arch === 'arm' ? 'armv7l' : arch;
  return ['', '-metal', '-cuda'].map((suffix) => `@node-llama-cpp/${system}-${machine}${suffix}`);
}

/** The library's file. @throws ParleyError `engine_failed` that says where it was looked for. */
export function findLibrary(names: readonly string[] = packages()): string {
  const requireHere = createRequire(import.meta.url);
  const requireThere = createRequire(requireHere.resolve('node-llama-cpp'));
  for (const name of names) {
    const file = libraryOf(name, requireThere);
    if (file !== undefined) return file;
  }
  const message = `No library of llama.cpp was found in ${names.join(', ')}. Reinstall with npm ci.`;
  throw new ParleyError('engine_failed', message, { retryable: false });
}

/** The release is part of the file's name: `libllama.v0.5.0.so`. */
function libraryOf(name: string, require: NodeJS.Require): string | undefined {
  try {
    const bins = join(dirname(require.resolve(name)), '../bins');
    for (const folder of readdirSync(bins)) {
      const file = readdirSync(join(bins, folder)).find((entry) =>
        /^(lib)?llama(\.v[\w.-]+)?\.(so|dylib|dll)$/.test(entry),
      );
      if (file !== undefined) return join(bins, folder, file);
    }
  } catch {
    // Not installed: the next one may be.
  }
  return undefined;
}

/** What to write, and how. */
export interface Quantisation {
  readonly source: string;
  readonly target: string;
  readonly format: string;
  readonly requantize: boolean;
  readonly planOnly: boolean;
  readonly threads: number;
  /** What llama.cpp says meanwhile, in pieces of lines. */
  readonly onText: (text: string) => void;
}

/**
 * Has llama.cpp quantise a file.
 * @returns whether it went well
 * @throws ParleyError `engine_failed` when the library is another one than expected.
 */
export function quantise(file: string, order: Quantisation): Promise<boolean> {
  const library = koffi.load(file);
  const struct = koffi.struct('llama_model_quantize_params', parameters);
  const version = library.func('const char * llama_version(void)') as () => string;
  const defaultsOf = library.func(
    'llama_model_quantize_params llama_model_quantize_default_params(void)',
  ) as () => Record<keyof typeof parameters, number | bigint | boolean | null>;
  const begin = library.func('void llama_backend_init(void)') as () => void;
  const run = library.func(
    'uint32_t llama_model_quantize(const char * source, const char * target, const llama_model_quantize_params * params)',
  );
  const name = file.slice(file.search(/[^/\\]*$/));
  const sizes = { structBytes: koffi.sizeof(struct), defaultFileType: -1 };
  // The version decides whether even the defaults may be asked for.
  requireKnownLibrary({ file: name, version: version(), ...sizes, defaultFileType: fileTypes['q8_0'] ?? -1 });
  const defaults = defaultsOf();
  requireKnownLibrary({ file: name, version: version(), ...sizes, defaultFileType: Number(defaults.ftype) });
  // Its own way is stderr, a pipe that loses what its reader is too slow for.
  const log = koffi.proto('void llama_log(int level, const char * text, void * data)');
  const hear = library.func('void llama_log_set(llama_log * callback, void * data)');
  hear(
    koffi.register((_level: number, text: string) => order.onText(text), koffi.pointer(log)),
    null,
  );
  begin();
  const params = {
    ...defaults,
    nthread: order.threads,
    ftype: fileTypes[order.format],
    allow_requantize: order.requantize,
    dry_run: order.planOnly,
  };
  return new Promise((resolve, reject) => {
    run.async(order.source, order.target, params, (error: Error | null, code: number) => {
      if (error === null) resolve(code === 0);
      else reject(error);
    });
  });
}
