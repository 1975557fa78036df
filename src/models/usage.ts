/** What an answer used and what that cost: only what the provider counted, and only what has a price. */
import * as z from 'zod';
import { DefinitionError } from '../errors.ts';
import type { ModelUse, TokenUsage } from './model.ts';

/** What a million tokens cost, in a currency of your choice: the same for all models of a runtime. */
export interface Price {
  readonly inputPerMillion: number;
  /** Default: that of other input. */
  readonly cachedInputPerMillion?: number;
  /** Also of what the model thinks. */
  readonly outputPerMillion: number;
}

/** A count as a provider sends it: anything but a whole number that can be counted with is 0. */
export const tokenCount = z.int().nonnegative().catch(0);

/** What is used where the provider does not say. */
export const noUsage: TokenUsage = { inputTokens: 0, outputTokens: 0 };

/** Usage from counts; a part is never more than its whole. */
export function tokenUsage(counts: {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
}): TokenUsage {
  const cached = Math.min(counts.cached, counts.input);
  const reasoning = Math.min(counts.reasoning, counts.output);
  return {
    inputTokens: counts.input,
    ...(cached > 0 ? { cachedInputTokens: cached } : {}),
    outputTokens: counts.output,
    ...(reasoning > 0 ? { reasoningTokens: reasoning } : {}),
  };
}

/** The larger of two counts of one answer: they grow as it is written, and some servers end with zeros. */
export function largerUsage(one: TokenUsage, other: TokenUsage): TokenUsage {
  const larger = (name: keyof TokenUsage) => Math.max(one[name] ?? 0, other[name] ?? 0);
  return tokenUsage({
    input: larger('inputTokens'),
    cached: larger('cachedInputTokens'),
    output: larger('outputTokens'),
    reasoning: larger('reasoningTokens'),
  });
}

/**
 * What an answer used. Its cost is not known without a price, nor where the provider counted nothing.
 */
export function modelUse(model: string, usage: TokenUsage, price: Price | undefined): ModelUse {
  const { inputTokens, outputTokens, cachedInputTokens: cached = 0 } = usage;
  if (!price || inputTokens === 0) return { model, usage };
  const { inputPerMillion, outputPerMillion, cachedInputPerMillion = inputPerMillion } = price;
  // So much for a million is so many millionths for one.
  const costMicros = Math.round(
    (inputTokens - cached) * inputPerMillion +
      cached * cachedInputPerMillion +
      outputTokens * outputPerMillion,
  );
  return { model, usage, ...(Number.isSafeInteger(costMicros) ? { costMicros } : {}) };
}

/** @throws DefinitionError `price_unusable` */
export function checkPrice(model: string, price: Price): void {
  for (const [name, value] of Object.entries(price)) {
    if (value === undefined || (Number.isFinite(value) && value >= 0)) continue;
    throw new DefinitionError(
      'price_unusable',
      `The model "${model}" has the price ${name} ${value}. Use a number from 0.`,
    );
  }
}
