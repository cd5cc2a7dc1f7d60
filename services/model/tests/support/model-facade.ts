import { toParleyError } from '@parley/kernel';
import type { ChatMessage, EngineRequest, EngineUpdate, LoadedModel } from '../../src/ports/engine.ts';
import { json, stream } from './remote-server.ts';
import type { Asked, RemoteServer, Reply } from './remote-server.ts';

/** Puts a model behind an API like vLLM's, so that one engine can be the remote of another. */
export function serveModel(server: RemoteServer, model: LoadedModel): void {
  server.lists({ owned_by: 'vllm', max_model_len: model.contextTokens });
  server.chat((asked) => chat(asked, model));
  server.others((asked) => (asked.path === '/tokenize' ? count(asked, model) : embed(asked, model)));
}

async function chat({ body }: Asked, model: LoadedModel): Promise<Reply> {
  const updates = model.generate(requestOf(body), new AbortController().signal)[Symbol.asyncIterator]();
  try {
    await updates.next();
  } catch (thrown) {
    const { message, code } = toParleyError(thrown);
    return json({ error: { message, code } }, { status: 400 });
  }
  return stream(events({ [Symbol.asyncIterator]: () => updates }));
}

async function* events(updates: AsyncIterable<EngineUpdate>): AsyncGenerator<Uint8Array> {
  const event = (value: unknown): Uint8Array => Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
  const choice = (delta: object, reason: string | null = null): object => ({
    choices: [{ index: 0, delta, finish_reason: reason }],
  });
  yield event(choice({ role: 'assistant', content: '' }));
  for await (const update of updates) {
    if (update.type === 'chunk') yield event(choice({ content: update.text }));
    if (update.type === 'tool-call') {
      const { index, id, name, arguments: written } = update;
      const named =
        id === '' ? { function: { arguments: written } } : { id, function: { name, arguments: written } };
      yield event(choice({ tool_calls: [{ index, type: 'function', ...named }] }));
    }
    if (update.type !== 'finished') continue;
    const { reason, inputTokens, outputTokens } = update;
    yield event(choice({}, reason === 'tool-calls' ? 'tool_calls' : reason));
    yield event({ choices: [], usage: { prompt_tokens: inputTokens, completion_tokens: outputTokens } });
  }
  yield Buffer.from('data: [DONE]\n\n');
}

function requestOf(body: Asked['body']): EngineRequest {
  const {
    temperature,
    seed,
    logit_bias: bias,
    response_format: format,
  } = body as Partial<{
    temperature: number;
    seed: number;
    logit_bias: Record<string, number>;
    response_format: { json_schema?: { schema: unknown } };
  }>;
  const logitBias = Object.entries(bias ?? {}).map(([token, value]) => [Number(token), value] as const);
  return {
    messages: body['messages'] as ChatMessage[],
    sampling: {
      temperature: temperature ?? 0,
      ...(seed === undefined ? {} : { seed }),
      ...(bias && { logitBias }),
    },
    form:
      format?.json_schema === undefined
        ? { kind: 'text' }
        : { kind: 'json-schema', schema: JSON.stringify(format.json_schema.schema) },
    maxOutputTokens: Number(body['max_tokens'] ?? 0),
    stop: (body['stop'] as string[] | undefined) ?? [],
    priority: 0,
    ...toolsOf(body),
  };
}

function toolsOf(body: Asked['body']): Pick<EngineRequest, 'tools'> {
  const { tools, tool_choice: choice } = body as Partial<{
    tools: { function: { name: string; description?: string; parameters?: object } }[];
    tool_choice: 'auto' | 'none' | 'required' | { function: { name: string } };
  }>;
  if (tools === undefined) return {};
  const functions = tools.map(({ function: { name, description = '', parameters } }) => ({
    name,
    description,
    parameters: parameters === undefined ? '' : JSON.stringify(parameters),
  }));
  const chosen = typeof choice === 'object' ? choice.function : (choice ?? 'auto');
  return { tools: { functions, choice: chosen, single: body['parallel_tool_calls'] === false } };
}

async function count({ body }: Asked, model: LoadedModel): Promise<Reply> {
  const { messages = [], prompt } = body as { messages?: ChatMessage[]; prompt?: string };
  const counted = await model.countTokens({ messages, texts: prompt === undefined ? [] : [prompt] });
  return json({ count: counted.textTokens[0] ?? counted.messageTokens });
}

async function embed({ body }: Asked, model: LoadedModel): Promise<Reply> {
  const made = await model.embed?.(body['input'] as string[], new AbortController().signal);
  if (made === undefined) return json({ detail: 'Not Found' }, { status: 404 });
  const data = made.vectors.map((vector, index) => ({ index, embedding: vector.map((value) => value * 3) }));
  return json({ data, usage: { prompt_tokens: made.inputTokens } });
}
