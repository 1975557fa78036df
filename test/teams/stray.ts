/** An agent whose tool never ends, and fails where nobody catches it. */
import { defineAgent, defineTool, openai } from 'cadenza';
import * as z from 'zod';

const stray = defineTool({
  name: 'stray',
  description: 'Fails behind its own back.',
  input: z.object({ card: z.string(), throws: z.boolean() }),
  execute: ({ card, throws }) => {
    if (throws) {
      setImmediate(() => {
        throw new TypeError(`Declined: ${card}`);
      });
    } else void Promise.reject(`Declined: ${card}`);
    return new Promise<string>(() => undefined);
  },
});

export default defineAgent({ name: 'Desk', model: openai('gpt-4o-mini'), tools: [stray] });
