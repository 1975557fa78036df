/** The conversations that were held here last. */
import type { RunBody } from 'cadenza/client';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../api.ts';
import { hrefOf } from '../route.ts';
import { ago } from '../time.ts';

/** How many of the latest runs are looked at for conversations. */
const lookedAt = 60;

/** How many conversations are shown. */
const shownMax = 12;

export function Recent() {
  const runs = useLatestRuns();
  if (runs.length === 0) return null;
  return (
    <section class="recent" aria-labelledby="recent">
      <h2 id="recent">Earlier conversations</h2>
      <ul class="plain">
        {runs.map((run) => (
          <li key={run.session_id}>
            <a href={hrefOf({ view: 'run', runId: run.run_id, tab: 'talk' })}>
              <span class="excerpt" dir="auto">
                {run.user_message.slice(0, 200)}
              </span>
              <span class="soft">
                {statusWords[run.status]} ·{' '}
                <time dateTime={run.updated_at}>{ago(run.updated_at)}</time>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

const statusWords: Readonly<Record<RunBody['status'], string>> = {
  working: 'at work',
  input_required: 'waits for you',
  completed: 'done',
  failed: 'failed',
  cancelled: 'stopped',
};

/** The latest run of each conversation, newest first. */
function useLatestRuns(): readonly RunBody[] {
  const [runs, setRuns] = useState<readonly RunBody[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    client.list({ limit: lookedAt }, { signal: stop.signal }).then(
      (page) => setRuns(page.runs),
      () => undefined,
    );
    return () => stop.abort();
  }, []);
  const sessions = new Set<string>();
  return runs
    .filter(({ session_id: id }) => !sessions.has(id) && sessions.add(id))
    .slice(0, shownMax);
}
