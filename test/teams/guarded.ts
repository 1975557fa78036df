/** Teams whose reports have a shape, and whose guards refuse what speaks of a secret. */
import {
  type Agent,
  type AgentOptions,
  defineAgent,
  defineTeam,
  type Guard,
  getUserInput,
  openai,
} from 'cadenza';
import * as z from 'zod';

/** Refuses texts with "secret" at once, those with "later" after a while, and fails at "bug". */
const refuses =
  (what: string): Guard =>
  async (text) => {
    if (text.includes('bug')) throw new Error('the guard has a bug');
    if (text.includes('later')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return `${what} must not wait.`;
    }
    return text.includes('secret') ? `${what} must not name secrets.` : undefined;
  };

const guards = {
  inputGuards: [() => undefined, refuses('A task')],
  outputGuards: [() => undefined, refuses('A report')],
};

/** Where to, and for how long. */
export const trip = z.object({ city: z.string().min(1), days: z.int().min(1) });

/** The teams, for the model server at a url, or for the one that the environment names. */
export function guardedTeams(baseURL?: string): Agent[] {
  const model = openai('gpt-4o-mini', baseURL === undefined ? {} : { baseURL, apiKey: 'test' });
  const shared = { model, tools: [getUserInput()] };
  const agent = (name: string, more: Partial<AgentOptions> = {}) =>
    defineAgent({ name, role: `Works as ${name}.`, ...shared, ...more });
  const members = [agent('Plain'), agent('Shaped', { output: trip }), agent('Guarded', guards)];
  const inner = defineTeam({ name: 'Inner', role: 'Leads.', mode: 'route', ...shared, members });
  const all = [...members, inner];
  return [
    defineTeam({ name: 'Desk', ...shared, members: all }),
    defineTeam({ name: 'ShapedDesk', ...shared, members: all, output: trip }),
    defineTeam({ name: 'GuardedDesk', ...shared, members: all, ...guards }),
    defineTeam({ name: 'ShapedRoute', mode: 'route', ...shared, members: all, output: trip }),
    defineTeam({ name: 'GuardedRoute', mode: 'route', ...shared, members: all, ...guards }),
  ];
}

export default guardedTeams();
