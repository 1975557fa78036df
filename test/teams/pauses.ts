/** Teams that pause in every way at every depth, one for each policy for a message meanwhile. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { type Agent, defineAgent, defineTeam, type Model, openai, type TeamOptions } from 'cadenza';
import { type PausingTools, pausingTools } from './pausing-tools.ts';

/** A leader, two members, and a member that leads a member: all with every pausing tool. */
export function pausingTeam(
  model: Model,
  options: PausingTools,
  more: Partial<TeamOptions> = {},
): Agent {
  const tools = pausingTools(options);
  const agent = (name: string) => defineAgent({ name, role: `Works as ${name}.`, model, tools });
  const inner = defineTeam({
    name: 'Inner',
    role: 'Leads D.',
    model,
    tools,
    members: [agent('D')],
  });
  const members = [agent('A'), agent('B'), inner];
  return defineTeam({ name: 'Desk', model, tools, members, history: { runs: 10 }, ...more });
}

const witness = process.env['WITNESS'] ?? '/dev/null';

function lines(): string[] {
  return existsSync(witness) ? readFileSync(witness, 'utf8').split('\n') : [];
}

const tools: PausingTools = {
  write: (line) => appendFileSync(witness, `${line}\n`),
  die: (tool) => {
    if (tool !== 'risky') return;
    const risks = lines().filter((line) => line.startsWith('risky'));
    if (risks.length === 1) process.kill(process.pid, 'SIGKILL');
  },
};

const model = openai('gpt-4o-mini');

export default [
  pausingTeam(model, tools),
  pausingTeam(model, tools, { name: 'QueueDesk', whilePaused: 'queue' }),
  pausingTeam(model, tools, { name: 'CancelDesk', whilePaused: 'cancel' }),
];
