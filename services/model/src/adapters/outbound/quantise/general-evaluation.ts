import type { Evaluation, Question } from '../../../domain/quantise/evaluation.ts';
import { heldOutText } from './held-out-text.ts';

const system = { role: 'system', content: 'You are a helpful assistant. Answer briefly.' } as const;

function asked(content: string, ...contains: string[]): Question {
  return {
    messages: [system, { role: 'user', content }],
    form: { kind: 'text' },
    maxTokens: 32,
    expect: { contains },
  };
}

/** Does the model know what it was told? */
function recalled(told: string, noted: string, question: string, answer: string): Question {
  return {
    messages: [
      system,
      { role: 'user', content: told },
      { role: 'assistant', content: noted },
      { role: 'user', content: question },
    ],
    form: { kind: 'text' },
    maxTokens: 32,
    expect: { contains: [answer] },
  };
}

const personSchema = JSON.stringify({
  type: 'object',
  properties: { name: { type: 'string' }, city: { type: 'string' } },
  required: ['name', 'city'],
});

/** Does it find what is in a sentence? The form is given, so only the values can be wrong. */
function extracted(sentence: string, name: string, city: string): Question {
  return {
    messages: [
      system,
      { role: 'user', content: `${sentence} Give the name and the city of this person as JSON.` },
    ],
    form: { kind: 'json-schema', schema: personSchema },
    maxTokens: 48,
    expect: { json: { name, city } },
  };
}

/** What any model that speaks English is measured by: our own text and questions, which no model was trained on. */
export const generalEvaluation: Evaluation = {
  name: 'general',
  text: heldOutText,
  questions: [
    asked('What is the capital of France?', 'Paris'),
    asked('What is the capital of Italy?', 'Rome'),
    asked('What is the capital of Japan?', 'Tokyo'),
    asked('What is the capital of Germany?', 'Berlin'),
    asked('What is the capital of Spain?', 'Madrid'),
    asked('What is the capital of Egypt?', 'Cairo'),
    asked('Which planet do we live on?', 'Earth'),
    asked('Which planet is the largest of our solar system?', 'Jupiter'),
    asked('What do bees make?', 'honey'),
    asked('What is frozen water called?', 'ice'),
    asked('How many days does a week have?', 'seven', '7'),
    asked('How many months does a year have?', 'twelve', '12'),
    asked('What is the opposite of hot?', 'cold'),
    asked('What is the opposite of big?', 'small', 'little'),
    asked('Which colour does one get by mixing blue and yellow?', 'green'),
    asked('Who wrote the play Romeo and Juliet?', 'Shakespeare'),
    asked('On which continent is Kenya?', 'Africa'),
    asked('In which language do most people of Brazil speak?', 'Portuguese'),
    asked('What gas do plants take from the air?', 'carbon dioxide', 'CO2'),
    asked('What is the chemical symbol of gold?', 'Au'),
    asked('Which ocean lies between Europe and America?', 'Atlantic'),
    asked('What is the boiling point of water in degrees Celsius?', '100'),
    recalled('My name is Mara.', 'Nice to meet you, Mara.', 'What is my name?', 'Mara'),
    recalled('My name is Tobias.', 'Nice to meet you, Tobias.', 'What is my name?', 'Tobias'),
    recalled('I have a cat called Pepper.', 'Pepper is a lovely name.', 'What is my cat called?', 'Pepper'),
    recalled('I live in Lisbon.', 'Lisbon is a beautiful city.', 'In which city do I live?', 'Lisbon'),
    recalled('My favourite colour is green.', 'Green it is.', 'What is my favourite colour?', 'green'),
    recalled('I work as a baker.', 'That is a fine trade.', 'What is my job?', 'baker'),
    recalled('My train leaves at nine.', 'Have a good journey.', 'When does my train leave?', 'nine'),
    recalled('My sister plays the violin.', 'How nice.', 'What does my sister play?', 'violin'),
    extracted('Anna Berg is a doctor and lives in Oslo.', 'Anna Berg', 'Oslo'),
    extracted('Peter moved to Vienna last year.', 'Peter', 'Vienna'),
    extracted('My neighbour Carla comes from Madrid.', 'Carla', 'Madrid'),
    extracted('Ahmed studies physics in Cairo.', 'Ahmed', 'Cairo'),
    extracted('The painter Lena Holm has her workshop in Bergen.', 'Lena Holm', 'Bergen'),
    extracted('John Smith opened a small shop in Dublin.', 'John Smith', 'Dublin'),
    extracted('Yuki is on holiday in Kyoto.', 'Yuki', 'Kyoto'),
    extracted('Our teacher, Maria Costa, was born in Porto.', 'Maria Costa', 'Porto'),
    extracted('Tom rides his bicycle through London every day.', 'Tom', 'London'),
    extracted('In Prague, Eva works as a nurse.', 'Eva', 'Prague'),
  ],
};
