/**
 * Stores with a planted bug, each a mistake that a store's author could make. The property must find
 * every one of them.
 */
import Database from 'better-sqlite3';
import type { Store } from '../../src/stores/store.ts';
import type { BreakStore } from './lives.ts';

/** Changes one method of a store. */
function withMethod<Name extends keyof Store>(
  name: Name,
  change: (store: Store, file: string) => Store[Name],
): BreakStore {
  return (store, file) => ({ ...store, [name]: change(store, file) });
}

/** Runs statements by a connection of its own. */
function inFile<T>(file: string, work: (db: Database.Database) => T): T {
  const db = new Database(file);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** The ids of calls by when they got their result, first to last. */
function completionOrder(file: string, runId: string): string[] {
  const sql = `
    SELECT data ->> 'path' FROM log WHERE run_id = ? AND type = 'call.answered' ORDER BY seq`;
  return inFile(file, (db) => db.prepare(sql).pluck().all(runId) as string[]);
}

export interface StoreMutant {
  readonly breakStore: BreakStore;
  /** What the property says of it; one bug may be noticed in several ways. */
  readonly noticed: RegExp;
}

/** Planted bugs, by what is wrong. */
export const storeMutants: Readonly<Record<string, StoreMutant>> = {
  'answer() takes an answer to a closed question': {
    noticed: /answers were taken|was taken|a refused answer/,
    breakStore: withMethod('answer', (store) => {
      return async (...given) => (await store.answer(...given)) || true;
    }),
  },
  'answer() lets a declined call run': {
    noticed: /ran though nobody let it|was to run|but its tool never ran/,
    breakStore: withMethod('answer', (store) => {
      return (tenantId, runId, answers, ...rest) => {
        const unlocked = answers.map((one) => {
          if (one.answer?.['approved'] !== false) return one;
          const { result: _, ...event } = one.event;
          return { ...one, event };
        });
        return store.answer(tenantId, runId, unlocked, ...rest);
      };
    }),
  },
  'answer() gives an answer to the question before': {
    noticed: /an answer that nobody gave|was taken, and is gone/,
    breakStore: withMethod('answer', (store) => {
      return (tenantId, runId, [first, second, ...others], ...rest) => {
        if (!first || !second) {
          return store.answer(tenantId, runId, first ? [first] : [], ...rest);
        }
        const swapped = [
          { ...first, answer: second.answer, hash: second.hash },
          { ...second, answer: first.answer, hash: first.hash },
        ];
        return store.answer(tenantId, runId, [...swapped, ...others], ...rest);
      };
    }),
  },
  'recover() makes every running tool pending': {
    noticed: /was begun \d+ times; allowed are/,
    breakStore: withMethod('recover', (store, file) => {
      return (...given) => {
        inFile(file, (db) =>
          db.exec("UPDATE effect SET status = 'pending' WHERE status = 'running'"),
        );
        return store.recover(...given);
      };
    }),
  },
  'recover() forgets events that wait for their step': {
    noticed: /works on and on/,
    breakStore: withMethod('recover', (store) => {
      return async (...given) => ({ ...(await store.recover(...given)), runIds: [] });
    }),
  },
  'transcript() gives results in the order of completion': {
    noticed: /is no transcript of the run/,
    breakStore: withMethod('transcript', (store, file) => {
      return async (runId, agent, upTo) => {
        const messages = await store.transcript(runId, agent, upTo);
        const order = completionOrder(file, runId).map((path) => path.split('/').at(-1));
        return messages.map((message) =>
          message.role === 'user'
            ? message
            : {
                ...message,
                calls: message.calls.toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id)),
              },
        );
      };
    }),
  },
  'step() pauses a run as soon as one question is open': {
    noticed: /the status is not what the tree says/,
    breakStore: withMethod('step', (store) => {
      return (runId, decide) =>
        store.step(runId, (run, event) => {
          const change = decide(run, event);
          const asks = change?.status === 'working' && change.questions.length > 0;
          return asks ? { ...change, status: 'input_required' } : change;
        });
    }),
  },
};
