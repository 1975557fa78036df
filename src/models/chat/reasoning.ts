/**
 * What a model thought, kept with its reply and sent back with it. DeepSeek refuses a conversation
 * whose replies have lost it, in the run that it was thought in and in every later one.
 */
import type { TranscriptMessage, Verbatim } from '../model.ts';
import type { ChatTurn } from './accumulate.ts';

/** What stands where nothing is known: another model replied, or none thought. Empty is refused. */
const unknown = ' ';

/** What a reply keeps of its turn. */
export function withReasoning(
  model: string,
  { reasoning }: Pick<ChatTurn, 'reasoning'>,
): { readonly verbatim?: Verbatim } {
  return reasoning === '' ? {} : { verbatim: { model, items: [{ reasoning_content: reasoning }] } };
}

/** What goes back with a reply. */
export function reasoningOf(
  model: string,
  { verbatim }: Extract<TranscriptMessage, { role: 'assistant' }>,
): string {
  const kept = verbatim?.model === model ? verbatim.items[0]?.['reasoning_content'] : undefined;
  return typeof kept === 'string' ? kept.toWellFormed() : unknown;
}
