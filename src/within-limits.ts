/**
 * Keeps a run within the delegations and questions that it may make. Decided in the step, where the
 * count is exact however many agents of the run reply at once.
 */
import type { FullRunLimits } from './define/limits.ts';
import type { ReadCall, RunEvent } from './stores/events.ts';
import type { SavedRun } from './stores/rows.ts';

/** The event as it may be taken: what would go beyond a limit is answered with a sentence instead. */
export function withinLimits(
  event: RunEvent,
  { used }: Pick<SavedRun, 'used'>,
  { delegations, questions }: FullRunLimits,
): RunEvent {
  if (event.type === 'tool.asked') {
    if (used().questions < questions) return event;
    const { call, session } = event;
    return { type: 'tool.finished', call, session, result: allAsked(questions) };
  }
  if (event.type !== 'model.replied' || !event.calls.some(isCounted)) return event;
  const left = used();
  let [toDelegate, toAsk] = [delegations - left.delegations, questions - left.questions];
  const calls = event.calls.map((call) => {
    if (call.intent === 'delegation') {
      toDelegate -= 1;
      return toDelegate < 0
        ? refused(call, `The run has made all ${delegations} delegations it may make.`)
        : call;
    }
    if (call.question === undefined) return call;
    toAsk -= 1;
    return toAsk < 0 ? refused(call, allAsked(questions)) : call;
  });
  return { ...event, calls };
}

function isCounted({ intent, question }: ReadCall): boolean {
  return intent === 'delegation' || question !== undefined;
}

function refused({ id, name, arguments: args, raw }: ReadCall, refusal: string): ReadCall {
  const kept = raw ? { raw } : {};
  return { id, name, arguments: args, ...kept, intent: 'refusal', refusal };
}

function allAsked(questions: number): string {
  return `The run has asked all ${questions} questions it may ask.`;
}
