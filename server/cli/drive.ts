/** Makes a run go on to its end, or to where only a person can help and nobody can be asked. */
import {
  CadenzaProblem,
  type Client,
  type QuestionBody,
  type RunBody,
} from '../../client/index.ts';
import { askQuestion, type Values } from './ask.ts';
import { showProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

export interface Driving {
  readonly client: Client;
  readonly terminal: Terminal;
  /** Whether questions are asked; else the run is left where it needs an answer. */
  readonly asks: boolean;
  /** Aborted when the person leaves. */
  readonly signal: AbortSignal;
}

/**
 * Asks, answers and follows.
 *
 * @param run as it stands
 * @param seen the number of the last event that need not be shown
 * @throws Left if the person leaves; the run is kept
 */
export async function drive(driving: Driving, run: RunBody, seen: number): Promise<RunBody> {
  const { client, terminal, asks, signal } = driving;
  const show = showProgress(terminal);
  const place = { seen };
  for (let now = run; ; now = await client.get(run.run_id, { signal })) {
    if (now.status !== 'working' && now.status !== 'input_required') return now;
    const [question] = now.status === 'input_required' ? now.questions : [];
    if (question && !asks) return now;
    if (question) await answer(driving, question);
    else if (await isStalled(driving, now, place, show)) return client.get(run.run_id, { signal });
  }
}

/** Shows what happens until the run pauses, ends or is stalled; says whether it is the latter. */
async function isStalled(
  { client, signal }: Driving,
  { run_id, last_seq }: RunBody,
  place: { seen: number },
  show: ReturnType<typeof showProgress>,
): Promise<boolean> {
  for await (const event of client.events(run_id, { after: place.seen, signal })) {
    show(event);
    place.seen = event.seq;
    if (event.type === 'run.paused' && event.seq > last_seq) return false;
    if (event.type === 'model.stalled' && event.seq > last_seq) return true;
  }
  return false;
}

/** Asks a question until the answer fits, or it is no longer open. Each answer is sent at once. */
async function answer(driving: Driving, question: QuestionBody): Promise<void> {
  const { client, terminal, signal } = driving;
  for (let before: Values = {}; ; ) {
    const values = await askQuestion(terminal, question, before);
    try {
      await client.resume(question.run_id, { [question.id]: values }, { wait: false, signal });
      return;
    } catch (error) {
      if (!(error instanceof CadenzaProblem)) throw error;
      terminal.tell(error.message);
      if (!again.includes(error.code)) throw error;
      if (error.code !== 'answer_invalid') return;
      for (const { pointer, message } of error.errors) {
        terminal.tell(`  ${pointer.split('/').slice(3).join('/') || 'The answer'} ${message}`);
      }
      before = values ?? {};
    }
  }
}

/** Somebody else answered meanwhile, or it was too late: the run tells how it stands now. */
const again: readonly CadenzaProblem['code'][] = [
  'answer_invalid',
  'answer_conflict',
  'question_not_open',
  'question_expired',
  'run_finished',
];
