/**
 * A team whose work leaves traces: the leader pays, which must never happen twice, while a member
 * looks things up, which may, and asks the person.
 *
 * Each tool that runs appends a line to the file WITNESS. The file is outside of what Cadenza
 * saves, so it tells what truly happened, whatever Cadenza believes.
 */
import { appendFileSync } from 'node:fs';
import { defineAgent, defineTeam, defineTool, getUserInput, openai } from 'cadenza';
import * as z from 'zod';

const { WITNESS } = process.env;

function testify(tool: string, key: string): void {
  if (!WITNESS) throw new Error('The paying team needs the file WITNESS.');
  appendFileSync(WITNESS, `${JSON.stringify({ tool, key })}\n`);
}

const pay = defineTool({
  name: 'pay',
  description: 'Pays an amount of euros. Each call pays.',
  input: z.object({ to: z.string(), euros: z.int().min(1) }),
  execute: (_, { idempotencyKey }) => {
    testify('pay', idempotencyKey);
    return `receipt of ${idempotencyKey}`;
  },
});

const lookUp = defineTool({
  name: 'look_up',
  description: 'Looks up what the roaster has.',
  input: z.object({ topic: z.string() }),
  idempotent: true,
  execute: ({ topic }, { idempotencyKey }) => {
    testify('look_up', idempotencyKey);
    return { topic, has: ['Kenya', 'Peru'] };
  },
});

const buyer = defineAgent({
  name: 'BuyerAgent',
  role: 'Finds out what the roaster has, and what the user wants of it.',
  model: openai('gpt-4o-mini'),
  instructions: ['Look the topic up, ask the user with get_user_input, then report the choice.'],
  tools: [lookUp, getUserInput()],
});

export default defineTeam({
  name: 'PayingTeam',
  model: openai('gpt-4o-mini'),
  instructions: ['Pay the roaster and have the BuyerAgent choose, both at once. Then report both.'],
  tools: [pay],
  members: [buyer],
});
