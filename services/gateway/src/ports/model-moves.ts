import type { Call } from './call.ts';
import type { Job } from './model-jobs.ts';

/** Which model's weights are to be written in fewer bits, and how. */
export interface QuantizeOrder {
  readonly model: string;
  /** `q4_k_m` */
  readonly format: string;
  /** Share of the quality that must be kept, 0.85 to 1; 0 = the model service's own. */
  readonly leastKept: number;
  /** Whether weights that are quantised already may be quantised again. */
  readonly requantize: boolean;
  /** Whether the result takes the model's name and aliases, if it passes. */
  readonly replace: boolean;
}

/** Which folder is to be made one GGUF file, and how. */
export interface ConvertOrder {
  /** Absolute path of a folder on the machine of the model service. */
  readonly folder: string;
  /** What the model is to be called; '' = as the folder is. */
  readonly name: string;
  /** llama.cpp's word for how a text is cut before it becomes tokens; '' = as the converter finds out. */
  readonly preTokenizer: string;
}

/**
 * Changes which models there are and where aliases point. Each answers as soon as the work is accepted as a job.
 * Every method throws ParleyError: `model_not_found`, `conflict`, `overloaded` when too many jobs wait, `unavailable`.
 */
export interface ModelMoves {
  /** @param source a name of the catalogue or a source's URI */
  pull(source: string, call: Call): Promise<Job>;
  /** Also throws `unsupported` for a model whose weights are not here, or a source that is quantised already. */
  quantize(order: QuantizeOrder, call: Call): Promise<Job>;
  /** Also throws `config_invalid` that names what of the folder is missing or damaged. */
  convert(order: ConvertOrder, call: Call): Promise<Job>;
  load(model: string, call: Call): Promise<Job>;
  unload(model: string, call: Call): Promise<Job>;
  switch(alias: string, model: string, call: Call): Promise<Job>;
  /** Moves an alias back to where it pointed before. */
  rollback(alias: string, call: Call): Promise<Job>;
}
