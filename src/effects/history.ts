/** What a leader's model sees of the session's earlier runs: whole runs, and only ended ones. */
import type { Agent } from '../define/agent.ts';
import type { TranscriptMessage } from '../models/model.ts';
import type { Store } from '../stores/store.ts';

/** The most runs that are looked at when messages are counted. */
const runsMax = 100;

/** The messages of earlier runs, oldest first, cut between runs. */
export async function historyOf(
  store: Store,
  { history }: Agent,
  runId: string,
): Promise<readonly TranscriptMessage[]> {
  if ('runs' in history) {
    return history.runs === 0 ? [] : (await store.history(runId, history.runs)).flat();
  }
  const runs = await store.history(runId, runsMax);
  let kept: readonly TranscriptMessage[] = [];
  for (const run of runs.toReversed()) {
    if (countOf(run) + countOf(kept) > history.messages) break;
    kept = [...run, ...kept];
  }
  return kept;
}

/** Messages as the model API counts them: each result is one. */
function countOf(messages: readonly TranscriptMessage[]): number {
  return messages.reduce(
    (sum, message) => sum + 1 + (message.role === 'assistant' ? message.calls.length : 0),
    0,
  );
}
