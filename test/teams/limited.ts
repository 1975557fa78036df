/** A team with narrow limits: what its leader and its member may use is soon used up. */
import { type Agent, defineAgent, defineTeam, defineTool, getUserInput, openai } from 'cadenza';
import * as z from 'zod';

const step = defineTool({
  name: 'step',
  description: 'Takes a step.',
  input: z.object({ n: z.int() }),
  execute: ({ n }) => `step ${n}`,
});

/** The teams, for the model server at a url, or for the one that the environment names. */
export function limitedTeams(baseURL?: string): Agent[] {
  const model = openai('gpt-4o-mini', baseURL === undefined ? {} : { baseURL, apiKey: 'test' });
  const tools = [getUserInput(), step];
  const member = defineAgent({
    name: 'A',
    role: 'Works.',
    model,
    tools,
    limits: { modelCalls: 3, toolCallsPerTurn: 2, tokens: 1_000 },
  });
  const limits = { modelCalls: 4, tokens: 5_000 };
  return [defineTeam({ name: 'Desk', model, tools, members: [member], limits })];
}

export default limitedTeams();
