/** What the page shows, as its address says: so that reloading, going back and sharing work. */
import { cell } from './state.ts';

export type Route =
  | { readonly view: 'start' }
  | { readonly view: 'run'; readonly runId: string; readonly tab: 'talk' | 'chart' }
  | { readonly view: 'inbox' };

/** What the address says. */
export const route = cell<Route>(read());

window.addEventListener('hashchange', () => route.set(read()));

function read(): Route {
  const [first, id, tab] = location.hash.replace(/^#\/?/, '').split('/');
  if (first === 'inbox') return { view: 'inbox' };
  if (first !== 'runs' || !id) return { view: 'start' };
  return { view: 'run', runId: decoded(id), tab: tab === 'chart' ? 'chart' : 'talk' };
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
  return `#/runs/${encodeURIComponent(to.runId)}${to.tab === 'chart' ? '/chart' : ''}`;
}

/** Shows something else. */
export function goTo(to: Route): void {
  location.hash = hrefOf(to);
}
