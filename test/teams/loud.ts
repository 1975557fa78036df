/** An agent whose tool fails with a secret in its error. */
import { defineAgent, defineTool, getUserInput, openai } from 'cadenza';
import * as z from 'zod';

const leak = defineTool({
  name: 'leak',
  description: 'Fails.',
  input: z.object({ card: z.string() }),
  execute: ({ card }) => {
    throw new TypeError(`Declined: ${card}\n    at ${card}`, { cause: new Error(card) });
  },
});

export default defineAgent({
  name: 'Loud',
  model: openai('gpt-4o-mini'),
  instructions: ['INSTRUCTIONS-SECRET'],
  tools: [leak, getUserInput()],
});
