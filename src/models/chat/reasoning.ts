/**
 * What a model thought, kept with its reply and sent back with it. DeepSeek refuses a conversation
 * whose replies have lost it, in the run that it was thought in and in every later one; OpenRouter
 * refuses calls of Gemini's whose parts are missing.
 */
import type { Capabilities } from '../capabilities.ts';
import type { Wire } from '../exchange.ts';
import type { TranscriptMessage, Verbatim } from '../model.ts';
import type { ChatTurn } from './accumulate.ts';

/** A part of what a model thought, as OpenRouter has it: a text, a summary, or sealed. */
export type ThoughtPart = Readonly<Record<string, unknown>>;

/** What stands where nothing is known: another model replied, or none thought. Empty is refused. */
const unknown = ' ';

/**
 * Adds a piece of a part to those before it. Pieces of one index and type are one part: its texts go
 * on, and all else of it comes once.
 */
export function addThought(parts: ThoughtPart[], piece: ThoughtPart): void {
  const { index, type } = piece;
  const at = parts.findIndex(
    (part) => index != null && part['index'] === index && part['type'] === type,
  );
  const before = parts[at];
  if (!before) {
    parts.push(piece);
    return;
  }
  const given = Object.entries(piece).filter(([, value]) => value != null);
  const joined = given.map(([name, value]) => [name, goesOn(name, before[name], value)]);
  parts[at] = { ...before, ...Object.fromEntries(joined) };
}

const texts: ReadonlySet<string> = new Set(['text', 'summary', 'data']);

function goesOn(name: string, before: unknown, value: unknown): unknown {
  return texts.has(name) && typeof before === 'string' ? before + String(value) : value;
}

/** What a reply keeps of its turn. */
export function withReasoning(
  { model, capabilities }: Pick<Wire, 'model' | 'capabilities'>,
  { reasoning, reasoningDetails }: Pick<ChatTurn, 'reasoning' | 'reasoningDetails'>,
): { readonly verbatim?: Verbatim } {
  if (capabilities.reasoningContent && reasoning !== '') {
    return { verbatim: { model, items: [{ reasoning_content: reasoning }] } };
  }
  if (capabilities.reasoningDetails && reasoningDetails.length > 0) {
    return { verbatim: { model, items: [{ reasoning_details: reasoningDetails }] } };
  }
  return {};
}

/** What goes back with a reply. */
export function reasoningOf(
  model: string,
  { verbatim }: Extract<TranscriptMessage, { role: 'assistant' }>,
  { reasoningContent, reasoningDetails }: Capabilities,
): Readonly<Record<string, unknown>> {
  const kept = verbatim?.model === model ? verbatim.items[0] : undefined;
  if (reasoningContent) {
    const thought = kept?.['reasoning_content'];
    return { reasoning_content: typeof thought === 'string' ? thought.toWellFormed() : unknown };
  }
  const parts = kept?.['reasoning_details'];
  return reasoningDetails && Array.isArray(parts) ? { reasoning_details: parts } : {};
}
