import type { RequestTools } from '../../src/ports/engine.ts';

/** A function with arguments and one without, called as the model sees fit. */
export const twoTools = {
  functions: [
    {
      name: 'weather',
      description: 'The weather in a city.',
      parameters: JSON.stringify({
        type: 'object',
        properties: {
          city: { type: 'string', enum: ['Rome', 'Paris'] },
          days: { type: 'integer', minimum: 1 },
        },
        required: ['city', 'days'],
      }),
    },
    { name: 'time', description: 'What time it is.', parameters: '' },
  ],
  choice: 'auto',
  single: false,
} as const satisfies RequestTools;
