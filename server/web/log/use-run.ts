/** Follows a run: the run as it is now, and what its team does, from its log. */
import type { EventBody, RunBody } from 'cadenza/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { client, reachable, sentenceOf } from '../api.ts';
import { refresher } from './refresher.ts';
import { newRunWork, type RunWork } from './work.ts';

export interface FollowedRun {
  readonly run: RunBody;
  readonly work: RunWork;
  /** Why it cannot be followed any more. */
  readonly trouble: string | undefined;
  /** Takes what the server just said of the run. */
  take(run: RunBody): void;
}

/** How long events are gathered before they are shown, in milliseconds: text comes in small pieces. */
const gatherMs = 40;

/** @param isFollowed false shows the run alone, until somebody wants to know how it was done */
export function useRun(known: RunBody, isFollowed: boolean): FollowedRun {
  const { run_id: id, team } = known;
  const [run, setRun] = useState(known);
  const [trouble, setTrouble] = useState<string>();
  const [, show] = useState(0);
  const work = useRef<RunWork>(newRunWork(team));
  const take = (next: RunBody) => setRun((before) => newer(before, next));

  useEffect(() => take(known), [known]);
  useEffect(() => {
    if (!isFollowed) return;
    const stop = new AbortController();
    work.current = newRunWork(team);
    setTrouble(undefined);
    const refresh = refresher(async () => {
      const next = await client.get(id, { signal: stop.signal });
      if (!stop.signal.aborted) take(next);
    });
    const gather = gatherer(() => show((n) => n + 1));
    follow(id, stop.signal, (event) => {
      work.current.take(event);
      gather.soon();
      if (changesRun(event)) refresh();
    }).catch((error: unknown) => {
      if (!stop.signal.aborted) setTrouble(sentenceOf(error));
    });
    const unwatch = reachable.watch(() => reachable.get() && refresh());
    return () => {
      stop.abort();
      unwatch();
      gather.stop();
    };
  }, [id, team, isFollowed]);

  return { run, work: work.current, trouble, take };
}

async function follow(id: string, signal: AbortSignal, take: (event: EventBody) => void) {
  for await (const event of client.events(id, { signal })) take(event);
}

/** Answers may overtake each other; the one that knows more events counts. */
function newer(before: RunBody, next: RunBody): RunBody {
  const isOther = before.run_id !== next.run_id;
  return isOther || next.last_seq >= before.last_seq ? next : before;
}

function changesRun({ type }: EventBody): boolean {
  return /^(run|question)\.|^model\.(stalled|called|replied)$/.test(type);
}

function gatherer(show: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    soon() {
      timer ??= setTimeout(() => {
        timer = undefined;
        show();
      }, gatherMs);
    },
    stop: () => clearTimeout(timer),
  };
}
