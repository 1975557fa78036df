/**
 * The steps of a run: the one that is shown, those around it, and why the run stands where it stands.
 * Only committed steps are read, a page at a time and each once, since they never change.
 */
import { CadenzaProblem, type ExplanationBody, type RunBody } from 'cadenza/client';
import { client, reachable, sentenceOf } from '../api.ts';
import { refresher } from '../log/refresher.ts';
import { type Cell, cell } from '../state.ts';
import type { Step } from './bodies.ts';

export interface Shown {
  readonly explanation: ExplanationBody;
  /** The step that is looked at; undefined before the first. */
  readonly step: Step | undefined;
  /** Whether the last step is shown, whichever that is. */
  readonly isLive: boolean;
  /** The steps around it, oldest first. */
  readonly around: readonly Step[];
}

export interface Timeline {
  readonly shown: Cell<Shown | undefined>;
  /** Why nothing can be read. */
  readonly trouble: Cell<string | undefined>;
  /** Follows the run; returns how to stop that. */
  follow(): () => void;
  /** Looks at a step. */
  goTo(revision: number): void;
  /** Looks at the last step from now on. */
  goLive(): void;
  /** Has more of the steps before those around the one that is shown. */
  showEarlier(): void;
  /** Has more of the steps after them. */
  showLater(): void;
}

/** How many steps are read at once. */
const pageSize = 50;

/** The most steps that are listed while the run goes on by itself. */
const listedMax = 400;

/** What somebody wants to see: a step, or the last one, and which are listed with it. */
interface Place {
  readonly at: number | 'last';
  /** `page` is as many as are read at once. */
  readonly from: number | 'page';
  readonly to: number | 'last';
}

/** @param run as it is known; what happens after that is followed */
export function newTimeline({ run_id: id, last_seq: after }: RunBody): Timeline {
  const shown = cell<Shown | undefined>(undefined);
  const trouble = cell<string | undefined>(undefined);
  const steps = new Map<number, Step>();
  let place: Place = { at: 'last', from: 'page', to: 'last' };
  let explanation: ExplanationBody | undefined;
  let isStale = true;
  let signal = AbortSignal.abort();

  const last = () => explanation?.revision ?? 0;
  const numbered = ({ at, to }: Place) => ({
    at: at === 'last' ? last() : at,
    to: to === 'last' ? last() : to,
  });

  const read = async (): Promise<void> => {
    if (isStale) {
      isStale = false;
      explanation = await client.explain(id, { signal });
    }
    if (!explanation) return;
    const from = firstListed(place, last());
    place = { ...place, from };
    const { at, to } = numbered(place);
    const isLive = place.at === 'last';
    await readSteps(from, to);
    const around = stepsBetween(steps, from, to);
    trouble.set(undefined);
    shown.set({ explanation, step: steps.get(at) ?? around.at(-1), isLive, around });
  };

  /** Reads what of these steps was not read yet. */
  const readSteps = async (from: number, to: number): Promise<void> => {
    for (let after = from - 1; after < to; after += 1) {
      if (steps.has(after + 1)) continue;
      const limit = unread(after, Math.min(to, after + pageSize));
      const { revisions } = await client.revisions(id, { after, limit }, { signal });
      for (const step of revisions) steps.set(step.revision, step);
    }
  };

  /** How many steps in a row are to be read. */
  const unread = (after: number, to: number): number => {
    let end = after + 1;
    while (end < to && !steps.has(end + 1)) end += 1;
    return end - after;
  };

  const refresh = refresher(async () => {
    try {
      await read();
    } catch (error) {
      isStale = true;
      if (error instanceof CadenzaProblem && !error.retryable) trouble.set(sentenceOf(error));
      throw error;
    }
  });
  const stale = () => {
    isStale = true;
    refresh();
  };
  const goTo = (next: Place) => {
    place = next;
    refresh();
  };

  return {
    shown,
    trouble,
    follow() {
      const stop = new AbortController();
      signal = stop.signal;
      stale();
      const unwatch = reachable.watch(() => reachable.get() && stale());
      followSteps(id, after, signal, stale).catch((error: unknown) => {
        if (!stop.signal.aborted) trouble.set(sentenceOf(error));
      });
      return () => {
        stop.abort();
        unwatch();
      };
    },
    goTo(revision) {
      const isListed = revision >= firstOf(place) && revision <= numbered(place).to;
      goTo(isListed ? { ...place, at: revision } : placeAround(revision, last()));
    },
    goLive: () => goTo({ at: 'last', from: place.to === 'last' ? place.from : 'page', to: 'last' }),
    showEarlier: () => goTo({ ...place, from: Math.max(1, firstOf(place) - pageSize) }),
    showLater: () => {
      const to = numbered(place).to + pageSize;
      goTo({ ...place, to: to >= last() ? 'last' : to });
    },
  };
}

/** Says when the run may have taken a step. */
async function followSteps(id: string, after: number, signal: AbortSignal, changed: () => void) {
  for await (const { type } of client.events(id, { after, signal })) {
    if (type !== 'text.delta' && type !== 'arguments.delta') changed();
  }
  changed();
}

function firstOf({ from }: Place): number {
  return from === 'page' ? 1 : from;
}

/** Where the list begins: it does not grow without an end while the run goes on. */
function firstListed({ at, from, to }: Place, last: number): number {
  const isTooLong = at === 'last' && to === 'last' && last - Number(from) >= listedMax;
  return from === 'page' || isTooLong ? Math.max(1, last - pageSize + 1) : from;
}

function placeAround(revision: number, last: number): Place {
  const to = revision + pageSize / 2;
  return {
    at: revision,
    from: Math.max(1, revision - pageSize / 2),
    to: to >= last ? 'last' : to,
  };
}

function stepsBetween(steps: ReadonlyMap<number, Step>, from: number, to: number): Step[] {
  const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => from + n);
  return numbers.flatMap((number) => steps.get(number) ?? []);
}
