/** A conversation: its runs from the first to the last, and where to go on. */
import type { RunBody } from 'cadenza/client';
import { useEffect, useState } from 'preact/hooks';
import { client, reachable, sentenceOf } from '../api.ts';
import { ChartView } from '../chart/chart-view.tsx';
import { isOver } from '../log/words.ts';
import { goTo, hrefOf } from '../route.ts';
import { Composer } from './composer.tsx';
import { RunView } from './run-view.tsx';

interface ConversationProps {
  /** One of its runs. */
  readonly runId: string;
  readonly tab: 'talk' | 'chart';
}

export function Conversation({ runId, tab }: ConversationProps) {
  const { runs, trouble, read, add } = useConversation(runId);
  const shown = runs.find((run) => run.run_id === runId);
  if (!shown) return <p class="narrow lead">{trouble ?? 'One moment…'}</p>;
  return (
    <div class="conversation">
      <header class={`${tab === 'chart' ? 'broad' : 'narrow'} about-run`}>
        <h1>
          <bdi>{shown.team}</bdi>
        </h1>
        {tab === 'chart' && (
          <p class="soft excerpt" dir="auto">
            {shown.user_message.slice(0, 200)}
          </p>
        )}
        <nav aria-label="Views of the run">
          {(['talk', 'chart'] as const).map((one) => (
            <a
              key={one}
              href={hrefOf({ view: 'run', runId, tab: one })}
              aria-current={one === tab ? 'page' : undefined}
            >
              {one === 'talk' ? 'Conversation' : 'Chart'}
            </a>
          ))}
        </nav>
      </header>
      {tab === 'chart' ? (
        <ChartView key={runId} known={shown} />
      ) : (
        <Talk runs={runs} runId={runId} read={read} add={add} />
      )}
    </div>
  );
}

interface TalkProps {
  readonly runs: readonly RunBody[];
  readonly runId: string;
  readonly read: () => void;
  readonly add: (run: RunBody) => void;
}

function Talk({ runs, runId, read, add }: TalkProps) {
  const last = runs.at(-1);
  return (
    <>
      {runs.map((run) => (
        <RunView
          key={run.run_id}
          known={run}
          isLinked={run.run_id === runId && run !== last}
          onOver={read}
        />
      ))}
      {last && (
        <div class="narrow foot" data-idle={isOver(last) || undefined}>
          <Composer
            label="Your next message"
            start={{ session_id: last.session_id, team: last.team }}
            onStarted={(run) => {
              add(run);
              goTo({ view: 'run', runId: run.run_id, tab: 'talk' });
            }}
          />
        </div>
      )}
    </>
  );
}

/** The runs of the conversation that a run belongs to, oldest first. */
function useConversation(runId: string) {
  const [runs, setRuns] = useState<readonly RunBody[]>([]);
  const [trouble, setTrouble] = useState<string>();
  const [reads, setReads] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const read = async () => {
      const known = runs.find((run) => run.run_id === runId);
      const { session_id } = known ?? (await client.get(runId, { signal }));
      const page = await client.list({ session_id, limit: 200 }, { signal });
      setRuns(page.runs.toReversed());
    };
    const readOrTell = () =>
      read().catch((error: unknown) => signal.aborted || setTrouble(sentenceOf(error)));
    void readOrTell();
    const unwatch = reachable.watch(() => reachable.get() && readOrTell());
    return () => {
      stop.abort();
      unwatch();
    };
  }, [runId, reads]);
  return {
    runs,
    trouble,
    read: () => setReads((n) => n + 1),
    add: (run: RunBody) => setRuns((before) => [...before, run]),
  };
}
