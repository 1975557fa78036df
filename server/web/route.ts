/** What the page shows, as its address says: so that reloading, going back and sharing work. */
import { cell } from './state.ts';

export type Route =
  | { readonly view: 'start' }
  | {
      readonly view: 'run';
      readonly runId: string;
      readonly tab: 'talk' | 'chart';
      /** Which of its questions is meant. */
      readonly questionId?: string;
    }
  | { readonly view: 'inbox' };

/** What the address says. */
export const route = cell<Route>(read());

window.addEventListener('hashchange', () => route.set(read()));

function read(): Route {
  const [first, id, tab, questionId] = location.hash.replace(/^#\/?/, '').split('/');
  if (first === 'inbox') return { view: 'inbox' };
  if (first !== 'runs' || !id) return { view: 'start' };
  const runId = decoded(id);
  if (tab === 'chart') return { view: 'run', runId, tab };
  const asked = tab === 'questions' && questionId ? { questionId: decoded(questionId) } : {};
  return { view: 'run', runId, tab: 'talk', ...asked };
}

/** Addresses are written by people too. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of something to show. */
export function hrefOf(to: Route): string {
  if (to.view === 'inbox') return '#/inbox';
  if (to.view === 'start') return '#/';
  const run = `#/runs/${encodeURIComponent(to.runId)}`;
  if (to.tab === 'chart') return `${run}/chart`;
  return to.questionId === undefined
    ? run
    : `${run}/questions/${encodeURIComponent(to.questionId)}`;
}

/** Shows something else. */
export function goTo(to: Route): void {
  location.hash = hrefOf(to);
}
