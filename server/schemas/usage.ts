/** What models used, on the wire. */
import { z } from '@hono/zod-openapi';

const count = z.number().int().min(0);

/** Tokens, as far as the providers told. */
export const tokens = {
  input_tokens: count,
  cached_input_tokens: count.describe("Those of the input that came from a provider's cache."),
  output_tokens: count,
  reasoning_tokens: count.describe('Those of the output that models thought with.'),
};

export const cost = z
  .number()
  .optional()
  .describe("In the currency of the models' prices. Absent unless it is known of every answer.");

const counts = {
  model_calls: count.describe('Answers of models, also those that were thrown away.'),
  ...tokens,
  cost,
};

const agentUsage = z
  .strictObject(counts)
  .openapi('AgentUsage', { description: 'What the models of some agents used.' });

export const usageSchema = z
  .strictObject({
    ...counts,
    agents: z
      .record(z.string(), agentUsage)
      .describe("By the agent's name, with the names above it."),
  })
  .openapi('Usage', { description: 'What the models of a run used until now.' });
