/** Teams that know their session: what was said before, its state, and what a run was started with. */
import { appendFileSync } from 'node:fs';
import {
  type Agent,
  defineAgent,
  defineTeam,
  defineTool,
  getUserInput,
  openai,
  type TeamOptions,
  ToolFailed,
} from 'cadenza';
import * as z from 'zod';

const key = z.string();

/** Tools that read and write the state of the session, or tell what a run was started with. */
export const sessionTools = [
  defineTool({
    name: 'remember',
    description: 'Sets a key.',
    input: z.object({ key, value: z.json() }),
    execute: ({ key, value }, { session }) => {
      session.set(key, value);
      return `kept ${JSON.stringify(session.get(key))}`;
    },
  }),
  defineTool({
    name: 'recall',
    description: 'Reads a key.',
    input: z.object({ key }),
    execute: ({ key }, { session }) => JSON.stringify(session.get(key)) ?? 'nothing',
  }),
  defineTool({
    name: 'forget',
    description: 'Removes a key.',
    input: z.object({ key }),
    execute: ({ key }, { session }) => session.set(key, undefined),
  }),
  defineTool({
    name: 'break_off',
    description: 'Sets a key, and fails or crashes before it is done.',
    input: z.object({ key, how: z.enum(['throws', 'says', 'dies']) }),
    execute: ({ key, how }, { session }) => {
      session.set(key, 'half done');
      if (how === 'throws') throw new Error('broken');
      if (how === 'says') throw new ToolFailed('No luck.');
      appendFileSync(process.env['WITNESS'] ?? '/dev/null', 'dies\n');
      process.kill(process.pid, 'SIGKILL');
    },
  }),
  defineTool({
    name: 'context',
    description: 'Tells what the run was started with.',
    input: z.object({}),
    execute: (_, { userId, tenantId, metadata, dependencies, sessionId }) => ({
      userId,
      tenantId,
      metadata,
      dependencies: Object.keys(dependencies),
      sessionId,
    }),
  }),
];

/** The teams, for the model server at a url, or for the one that the environment names. */
export function sessionTeams(baseURL?: string): Agent[] {
  const model = openai('gpt-4o-mini', baseURL === undefined ? {} : { baseURL, apiKey: 'test' });
  const tools = [getUserInput(), ...sessionTools];
  const member = defineAgent({ name: 'A', role: 'Works.', model, tools });
  const team = (name: string, more: Partial<TeamOptions> = {}) =>
    defineTeam({ name, model, tools, members: [member], ...more });
  return [
    team('Desk'),
    team('TwoRuns', { history: { runs: 2 } }),
    team('SixMessages', { history: { messages: 6 } }),
    team('Queue', { history: { runs: 9 }, whilePaused: 'queue' }),
    team('Cancel', { history: { runs: 9 }, whilePaused: 'cancel' }),
  ];
}

export default sessionTeams();
