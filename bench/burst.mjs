/**
 * Clients at once: streaming chat on the bundled model, at most 32 tokens, first-chunk limit 60 s.
 * An answer counts when it ended by stop or at the token limit, and the record holds it exactly once, same text.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { chat, percentile, readStream, withFleet } from './harness.mjs';

const questions = [
  'hi',
  'What is Parley?',
  'What is 17 + 25?',
  'Who are you?',
  'Which services are there?',
  '你好',
];

async function recordedTexts(fleet, turns) {
  const texts = new Map();
  let after = '';
  do {
    const url = `${fleet.url}/admin/v1/events?type=parley.turn.completed.v1,parley.turn.incomplete.v1&limit=1000${after && `&after=${after}`}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${fleet.apiKey}` } });
    const page = await response.json();
    for (const event of page.data) {
      const id = event.turn_id;
      texts.set(id, [...(texts.get(id) ?? []), event]);
    }
    after = page.next ?? '';
  } while (after !== '');
  return { texts, complete: texts.size >= turns };
}

export async function run(options) {
  const clients = Number(options.clients ?? 1000);
  const limits = { PARLEY_FIRST_CHUNK_TIMEOUT_MS: '60000', PARLEY_TURN_TIMEOUT_MS: '180000' };
  return withFleet({ env: limits }, async (fleet) => {
    const started = performance.now();
    const answers = await Promise.all(
      Array.from({ length: clients }, (_, i) =>
        chat(fleet, {
          model: 'default',
          stream: true,
          max_tokens: 32,
          store: true,
          messages: [{ role: 'user', content: questions[i % questions.length] }],
        }).catch((error) => ({ status: 0, raw: '', error: error.message })),
      ),
    );
    const wallMs = performance.now() - started;
    let record = await recordedTexts(fleet, clients);
    for (let tries = 0; !record.complete && tries < 20; tries++) {
      await sleep(250);
      record = await recordedTexts(fleet, clients);
    }
    const faults = {};
    const complete = answers.filter((answer) => {
      const fault = faultOf(answer, record.texts);
      if (fault) faults[fault] = (faults[fault] ?? 0) + 1;
      return fault === undefined;
    });
    const firsts = answers.map((answer) => answer.firstMs ?? Number.NaN).filter(Number.isFinite);
    const result = {
      clients,
      turns: clients,
      complete: complete.length,
      rate: complete.length / clients,
      firstChunkP50Ms: Math.round(percentile(firsts, 0.5)),
      lastFirstChunkMs: Math.round(Math.max(...firsts)),
      wallMs: Math.round(wallMs),
      faults,
    };
    return { ...result, rows: [result] };
  });
}

/** Why an answer does not count; undefined when it does. */
function faultOf(answer, recorded) {
  if (answer.status !== 200)
    return `HTTP ${answer.status} ${/"code":"([a-z_]+)"/.exec(answer.raw)?.[1] ?? answer.error ?? ''}`;
  const { text, finish, done, id } = readStream(answer.raw);
  if (!done || (finish !== 'stop' && finish !== 'length')) return `cut (${finish})`;
  if (text === '') return 'empty';
  const events = recorded.get(id?.replace(/^chatcmpl-/, 'resp_'));
  if (events?.length !== 1) return `in the record ${events?.length ?? 0} times`;
  const recordedText = (events[0].data.output ?? [])
    .flatMap((item) => item.content ?? [])
    .map((part) => part.text ?? '')
    .join('');
  return recordedText === text ? undefined : 'another text in the record';
}
