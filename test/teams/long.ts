/** An agent that works in many steps, each with a long result, so that its conversation grows. */
import { type Agent, type ContextPolicy, defineAgent, defineTool, openai } from 'cadenza';
import * as z from 'zod';
import type { OpenAIOptions } from '../../src/models/options.ts';

/** About 100 tokens. */
const filling = 'x'.repeat(380);

const step = defineTool({
  name: 'step',
  description: 'Takes a step.',
  input: z.object({ n: z.int() }),
  execute: ({ n }) => `step ${n} ${filling}`,
});

export function longTeams(options: OpenAIOptions, context?: ContextPolicy): Agent[] {
  const model = openai('gpt-5', { apiKey: 'test', ...options });
  const more = context ? { context } : {};
  const history = { runs: 10 };
  return [defineAgent({ name: 'Solo', role: 'Works.', model, tools: [step], history, ...more })];
}

export default longTeams({}, { policy: 'summarize', tokensMax: 600 });
