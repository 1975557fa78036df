/** What a leader's model sees of the session's earlier runs: whole runs, and only ended ones. */
import type { Agent } from '../define/agent.ts';
import type { TranscriptMessage } from '../models/model.ts';
import type { Store } from '../stores/store.ts';

/** The most runs that are looked at when messages are counted. */
const runsMax = 100;

/** The earlier runs that are seen, oldest first, each with its messages. */
export async function historyOf(
  store: Store,
  { history }: Agent,
  runId: string,
): Promise<readonly (readonly TranscriptMessage[])[]> {
  if ('runs' in history) {
    return history.runs === 0 ? [] : store.history(runId, history.runs);
  }
  const runs = await store.history(runId, runsMax);
  let left = history.messages;
  const tooMany = runs.findLastIndex((run) => {
    left -= countOf(run);
    return left < 0;
  });
  return runs.slice(tooMany + 1);
}

/** Messages as the model API counts them: each result is one. */
function countOf(messages: readonly TranscriptMessage[]): number {
  return messages.reduce(
    (sum, message) => sum + 1 + (message.role === 'assistant' ? message.calls.length : 0),
    0,
  );
}
