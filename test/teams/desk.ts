/** A team with every kind of part: members that ask, a member that does not, a team inside, a tool. */
import { appendFileSync } from 'node:fs';
import { defineAgent, defineTeam, defineTool, getUserInput, openai } from 'cadenza';
import * as z from 'zod';

const model = openai('gpt-4o-mini');

/** Writes down that it ran. */
const note = defineTool({
  name: 'note',
  description: 'Writes a line down.',
  input: z.object({ line: z.string() }),
  execute: ({ line }, { idempotencyKey }) => {
    appendFileSync(process.env['WITNESS'] ?? '/dev/null', `${line} ${idempotencyKey}\n`);
    return `noted ${line}`;
  },
});

const agent = (name: string) =>
  defineAgent({ name, role: `Works on ${name}.`, model, tools: [getUserInput(), note] });

const inner = defineTeam({
  name: 'Inner',
  role: 'Leads a team of its own.',
  model,
  members: [
    agent('D'),
    defineTeam({ name: 'Innermost', role: 'Leads the deepest.', model, members: [agent('E')] }),
  ],
});

export default defineTeam({
  name: 'Desk',
  model,
  tools: [note, getUserInput()],
  members: [agent('A'), agent('B'), agent('C'), inner],
});
