/** CPU milliseconds per non-streamed request and per delivered token, at each service, on the bundled model. */
import { chat, cpuPer, readStream, usage, withFleet } from './harness.mjs';

const question = {
  model: 'default',
  messages: [{ role: 'user', content: 'What is Parley?' }],
  max_tokens: 32,
};

async function inParallel(total, width, work) {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next++ < total) await work();
    }),
  );
}

async function measure(fleet, name, requests, width, body, path) {
  // Code that is not compiled yet costs several times as much, and says nothing about a running fleet.
  await inParallel(200, width, () => chat(fleet, body, path));
  const before = usage(fleet);
  let tokens = 0;
  await inParallel(requests, width, async () => {
    const answer = await chat(fleet, body, path);
    if (answer.status !== 200) throw new Error(`${name}: HTTP ${answer.status} ${answer.raw}`);
    tokens += body.stream ? (readStream(answer.raw).usage?.completion_tokens ?? 0) : 0;
  });
  const after = usage(fleet);
  const perRequest = cpuPer(before, after, requests);
  const rounded = Object.fromEntries(
    Object.entries(perRequest).map(([service, ms]) => [service, Number(ms.toFixed(3))]),
  );
  return { case: name, requests, tokensEach: Number((tokens / requests).toFixed(1)), ...rounded };
}

export async function run(options) {
  const requests = Number(options.requests ?? 400);
  return withFleet({}, async (fleet) => {
    const stream = { ...question, stream: true, stream_options: { include_usage: true } };
    const stored = { model: 'default', input: 'What is Parley?', max_output_tokens: 32 };
    const rows = [
      await measure(fleet, 'chat, not streamed, 1 client', requests, 1, question),
      await measure(fleet, 'chat, not streamed, 16 clients', requests, 16, question),
      await measure(fleet, 'chat, streamed, 16 clients', requests, 16, stream),
      await measure(
        fleet,
        'response, stored, not streamed, 16 clients',
        requests,
        16,
        stored,
        '/v1/responses',
      ),
    ];
    const [, notStreamed, streamed] = rows;
    const perToken = Object.fromEntries(
      ['gateway', 'dialogue'].map((service) => [
        service,
        Math.round(((streamed[service] - notStreamed[service]) * 1000) / streamed.tokensEach),
      ]),
    );
    return { rows, extraMicrosecondsPerStreamedToken: perToken };
  });
}
