import type { DocumentFault, LoadedDocument } from '@parley/config';
import type { Evaluation, Expectation, Question } from '../../../domain/quantise/evaluation.ts';
import type { Evaluations } from '../../../ports/quantise/evaluations.ts';
import type { EvaluationDocument } from './evaluation-schema.ts';
import { generalEvaluation } from './general-evaluation.ts';

type QuestionDocument = EvaluationDocument['spec']['questions'][number];

/** The evaluations that documents describe, by the models they are for, and the models that two of them claim. */
export function compileEvaluations(documents: readonly LoadedDocument<EvaluationDocument>[]): {
  readonly evaluations: ReadonlyMap<string, Evaluation>;
  readonly faults: readonly DocumentFault[];
} {
  const evaluations = new Map<string, Evaluation>();
  const faults: DocumentFault[] = [];
  for (const { name, value, parsed } of documents) {
    const evaluation = { name, text: value.spec.text, questions: value.spec.questions.map(questionOf) };
    for (const [index, model] of value.spec.models.entries()) {
      const other = evaluations.get(model);
      if (other === undefined) evaluations.set(model, evaluation);
      else {
        const message = `model "${model}" is measured by "${other.name}" already`;
        faults.push(...parsed.error(['spec', 'models', index], message).faults);
      }
    }
  }
  return { evaluations, faults };
}

/** Those of documents, and one for every other model. */
export class ConfiguredEvaluations implements Evaluations {
  readonly #own: ReadonlyMap<string, Evaluation>;

  constructor(own: ReadonlyMap<string, Evaluation>) {
    this.#own = own;
  }

  of(model: string): Evaluation {
    return this.#own.get(model) ?? generalEvaluation;
  }
}

function questionOf(question: QuestionDocument): Question {
  const { ask = '', messages, schema, maxTokens } = question;
  return {
    messages: messages ?? [{ role: 'user', content: ask }],
    form: schema === undefined ? { kind: 'text' } : { kind: 'json-schema', schema: JSON.stringify(schema) },
    maxTokens,
    expect: expectationOf(question),
  };
}

function expectationOf({ exact, contains, json }: QuestionDocument): Expectation {
  if (exact !== undefined) return { exact };
  return contains === undefined ? { json } : { contains };
}
