/** The open questions of all runs, asked for again and again while the page is looked at. */
import type { QuestionBody } from 'cadenza/client';
import { client, reachable, sentenceOf, signedOut } from '../api.ts';
import { cell } from '../state.ts';

export interface InboxContent {
  readonly isRead: boolean;
  readonly questions: readonly QuestionBody[];
  readonly hasMore: boolean;
  readonly trouble?: string;
}

export const inbox = cell<InboxContent>({ isRead: false, questions: [], hasMore: false });

/** How often the server is asked, in milliseconds: no stream tells of all runs. */
const everyMs = 4_000;

/** The most questions that are shown at once, oldest first. */
const shownMax = 100;

/** Reads them now. */
export async function readInbox(): Promise<void> {
  try {
    const { questions, next } = await client.questions({ limit: shownMax });
    inbox.set({ isRead: true, questions, hasMore: next !== null });
  } catch (error) {
    inbox.set({ ...inbox.get(), trouble: sentenceOf(error) });
  }
}

/** Reads them from now on; returns how to stop that. */
export function watchInbox(): () => void {
  const read = () => void (document.hidden || signedOut.get() || readInbox());
  const unwatch = reachable.watch(() => reachable.get() && read());
  document.addEventListener('visibilitychange', read);
  const timer = setInterval(read, everyMs);
  read();
  return () => {
    unwatch();
    clearInterval(timer);
    document.removeEventListener('visibilitychange', read);
  };
}
