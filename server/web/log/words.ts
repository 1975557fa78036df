/** What is going on in a run, in words. */
import type { RunBody } from 'cadenza/client';
import { clock } from '../time.ts';
import type { Call, RunWork, Work } from './work.ts';

/** What an agent is at, after its name: "is thinking". */
export function standing(work: Work): string {
  if (work.outcome) return outcomes[work.outcome] ?? 'is done';
  if (work.trouble) return 'waits for its model';
  switch (work.state) {
    case 'thinking':
      return work.parts.at(-1)?.kind === 'said' ? 'is writing' : 'is thinking';
    case 'answeringCalls.delegating':
      return 'waits for its members';
    case 'answeringCalls.toolResultPending':
      return `runs ${toolsOf(work) || 'a tool'}`;
    case 'answeringCalls.awaitingUserInput':
      return 'waits for you';
    case 'failed':
      return 'failed';
    case 'cancelled':
      return 'was stopped';
    case '':
      return 'begins';
    default:
      return work.state === 'done' ? 'is done' : 'is at work';
  }
}

const outcomes: Readonly<Record<string, string>> = {
  reported: 'is done',
  failed: 'failed',
  cancelled: 'was stopped',
  skipped: 'was left out',
};

function toolsOf({ parts }: Work): string {
  return parts.flatMap((part) => (isRunning(part) ? [part.name] : [])).join(', ');
}

function isRunning(part: Work['parts'][number]): part is Call {
  return part.kind === 'call' && part.isStarted && !part.answer;
}

/** What a call is at. */
export function callStanding(call: Call): string {
  if (call.isAsked) return 'asks you';
  if (!call.answer) {
    if (call.members.length > 0) return call.members.map(standing).join(', ');
    return call.isStarted ? 'running' : 'waiting';
  }
  switch (call.answer.source) {
    case 'user':
      return 'you answered';
    case 'expiry':
      return 'nobody answered in time';
    case 'refusal':
      return 'refused';
    case 'cancellation':
      return 'stopped';
    default:
      return 'done';
  }
}

/** One sentence on a run as it is now, for whoever looks and whoever listens. */
export function runSentence(run: RunBody, { agents }: RunWork): string {
  switch (run.status) {
    case 'completed':
      return `Done after ${count(run.usage.model_calls, 'model call')}.`;
    case 'failed':
      return `The run failed. ${run.error.message}`;
    case 'cancelled':
      return 'The run was stopped.';
    case 'input_required':
      return `Waits for you: ${count(run.questions.length, 'question')}.`;
    case 'working':
      if (run.queued) return 'Waits until the run before it has ended.';
      return busySentence(run, [...agents.values()]);
  }
}

function busySentence(
  run: Extract<RunBody, { readonly status: 'working' }>,
  agents: readonly Work[],
): string {
  if (run.stalled) {
    // Its message tells programs what to do; a person has a button.
    const reason = agents.find(({ trouble }) => trouble)?.trouble?.message ?? 'The model is away.';
    const { retry_at: at } = run.stalled;
    return `${reason} ${at ? `It is asked again at ${clock(at)}.` : 'The run is kept.'}`;
  }
  // Who only waits for others is not at work.
  const busy = agents.filter(
    ({ state, trouble, outcome }) =>
      !outcome && (trouble || state === 'thinking' || state === 'answeringCalls.toolResultPending'),
  );
  const asked =
    run.questions.length > 0 ? ` ${count(run.questions.length, 'question')} for you.` : '';
  const shown = busy.slice(0, 3).map((work) => `${work.name} ${standing(work)}`);
  const rest = busy.length > 3 ? ` and ${busy.length - 3} more` : '';
  return `${shown.join(', ') || 'The team is at work'}${rest}.${asked}`;
}

/** "1 question", "2 questions". */
export function count(n: number, what: string): string {
  return `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;
}

/** Whether a run has ended. */
export function isOver({ status }: Pick<RunBody, 'status'>): boolean {
  return status !== 'working' && status !== 'input_required';
}

/** The run's open questions; none once it has ended. */
export function questionsOf(run: RunBody) {
  return 'questions' in run ? run.questions : [];
}
