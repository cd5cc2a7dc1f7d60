// Evaluates the model file through the real engine and prints two markdown tables:
// the held-out skills, and all answers to the thirty hand-written questions.
//   node evaluate.mjs [--split final|dev] [--count 100] [--model FILE] [--questions-only]
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { parse } from 'yaml';

import { openModel } from './engine.mjs';

const here = import.meta.dirname;

const { values: options } = parseArgs({
  options: {
    split: { type: 'string', default: 'final' },
    count: { type: 'string', default: '100' },
    model: { type: 'string', default: path.join(here, 'model/parley-tiny.gguf') },
    'questions-only': { type: 'boolean', default: false },
    failures: { type: 'boolean', default: false },
  },
});

/** The generator makes the held-out cases anew, always the same ones; it needs Python 3.10 and nothing else. */
function heldOutCases() {
  const args = ['-m', 'recipe.testset', '--split', options.split, '--count', options.count];
  const lines = execFileSync('python3', args, { cwd: here, encoding: 'utf8', maxBuffer: 1 << 28 });
  const digest = createHash('sha256').update(lines).digest('hex');
  return {
    digest,
    cases: lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
}

function sameJson(expected, answer) {
  try {
    return JSON.stringify(JSON.parse(expected)) === JSON.stringify(JSON.parse(answer));
  } catch {
    return false;
  }
}

function holds(answer, expected) {
  if (expected.startsWith('{')) return sameJson(expected, answer);
  return answer.toLowerCase().includes(expected.toLowerCase());
}

function passes(question, answer) {
  const all = (question.all ?? []).every((text) => holds(answer, text));
  const any = question.any === undefined || question.any.some((text) => holds(answer, text));
  return all && any;
}

async function skillTable(model) {
  const { digest, cases } = heldOutCases();
  const scores = new Map();
  for (const { skill, messages, expected } of cases) {
    const answers = await model.converse(messages);
    const score = scores.get(skill) ?? { right: 0, total: 0 };
    const right = answers.at(-1) === expected;
    score.right += right ? 1 : 0;
    score.total += 1;
    scores.set(skill, score);
    if (!right && options.failures) {
      console.error(
        `${skill}: ${JSON.stringify(messages.at(-1).content)} -> ${JSON.stringify(answers.at(-1))}, not ${JSON.stringify(expected)}`,
      );
    }
  }
  console.log(
    `Set \`${options.split}\`, sha256 \`${digest.slice(0, 12)}\`; exact match of the last answer, free-running, greedy, no grammar.\n`,
  );
  console.log('| skill | right | of | share |\n|---|---|---|---|');
  for (const [skill, { right, total }] of scores) {
    console.log(`| ${skill} | ${right} | ${total} | ${((100 * right) / total).toFixed(0)} % |`);
  }
}

async function questionTable(model) {
  const questions = parse(readFileSync(path.join(here, 'questions/held-out-questions.yaml'), 'utf8'));
  const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  let passed = 0;
  const rows = [];
  for (const question of questions) {
    const answers = await model.converse(question.turns.map((content) => ({ role: 'user', content })));
    const good = passes(question, answers.at(-1));
    passed += good ? 1 : 0;
    const shown = question.turns.map((turn, i) => `${cell(turn)} → *${cell(answers[i])}*`).join('<br>');
    rows.push(`| ${question.id} | ${shown} | ${good ? 'yes' : 'no'} |`);
  }
  console.log(`\nHand-written questions in free wording: ${passed} of ${questions.length} as wished.\n`);
  console.log('| question | conversation | as wished |\n|---|---|---|');
  console.log(rows.join('\n'));
}

const file = readFileSync(options.model);
console.log(
  `Model file: ${file.length} bytes, sha256 \`${createHash('sha256').update(file).digest('hex')}\`.\n`,
);
const model = await openModel(options.model);
try {
  if (!options['questions-only']) await skillTable(model);
  await questionTable(model);
} finally {
  await model[Symbol.asyncDispose]();
}
