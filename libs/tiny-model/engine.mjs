import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

const maxAnswerTokens = 160;

/**
 * Opens a GGUF file in the real engine: CPU, one thread (more only wait for each other on so small a model).
 *
 * @param {string} modelPath
 */
export async function openModel(modelPath) {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ contextSize: 2048, threads: 1 });
  const sequence = context.getSequence();
  const tokenize = (text) => model.tokenize(text, true);

  /**
   * Plays the user's messages one after the other, greedily and without a grammar; what the model answered
   * stays in the conversation. Gives all answers.
   *
   * @param {{role: string, content: string}[]} messages system and user messages; others are ignored
   */
  async function converse(messages) {
    await sequence.clearHistory();
    const answers = [];
    let pending = tokenize('<|endoftext|>');
    for (const { role, content } of messages) {
      if (role === 'assistant') continue;
      pending.push(...tokenize(`<|im_start|>${role}\n${content}<|im_end|>\n`));
      if (role === 'system') continue;
      pending.push(...tokenize('<|im_start|>assistant\n'));
      const answer = [];
      for await (const token of sequence.evaluate(pending, { temperature: 0 })) {
        answer.push(token);
        if (answer.length >= maxAnswerTokens) break;
      }
      answers.push(model.detokenize(answer));
      pending = tokenize('<|im_end|>\n');
    }
    return answers;
  }

  return {
    converse,
    async [Symbol.asyncDispose]() {
      await context.dispose();
      await model.dispose();
      await llama.dispose();
    },
  };
}
