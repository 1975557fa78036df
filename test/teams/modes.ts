/** A team for every way to lead, over three members that can ask and write down; and teams of teams. */
import { appendFileSync } from 'node:fs';
import { type Agent, defineAgent, defineTeam, defineTool, getUserInput, openai } from 'cadenza';
import * as z from 'zod';

const note = defineTool({
  name: 'note',
  description: 'Writes a line down.',
  input: z.object({ line: z.string() }),
  execute: ({ line }) => {
    appendFileSync(process.env['WITNESS'] ?? '/dev/null', `${line}\n`);
    return `noted ${line}`;
  },
});

/** The teams, for the model server at a url, or for the one that the environment names. */
export function modeTeams(baseURL?: string): Agent[] {
  const model = openai('gpt-4o-mini', baseURL === undefined ? {} : { baseURL, apiKey: 'test' });
  const tools = [getUserInput(), note];
  const members = ['A', 'B', 'C'].map((name) =>
    defineAgent({ name, role: `Works as ${name}.`, model, tools }),
  );
  const modes = ['coordinate', 'route', 'broadcast', 'tasks'] as const;
  const team = (mode: (typeof modes)[number], name: string, of: readonly Agent[]) =>
    defineTeam({ name, role: `Leads by ${mode}.`, mode, model, tools, members: of });
  const inner = modes.map((mode) => team(mode, `${mode}_inside`, members));
  return [
    ...modes.map((mode) => team(mode, mode, members)),
    ...modes.map((mode) => team(mode, `${mode}_of_teams`, inner)),
    team('tasks', 'deepest', [team('route', 'deeper', [team('broadcast', 'deep', inner)])]),
  ];
}

export default modeTeams();
