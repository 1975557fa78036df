/** The page's way to the server: the public contract by the typed client, and whether it can be reached. */
import { CadenzaProblem, createClient } from 'cadenza/client';
import { cell } from './state.ts';

/** Where the app is mounted: this script is served from `assets/` below it. */
const baseURL = import.meta.url.replace(/\/assets\/[^/]*$/, '');

/** Whether the last request came through. */
export const reachable = cell(true);

/** Whether the server wants to know who asks. */
export const signedOut = cell(false);

const tokenKey = 'cadenza.token';

/** Whether a token was given, be it a wrong one. */
export function hasToken(): boolean {
  return sessionStorage.getItem(tokenKey) !== null;
}

/** Signs in for as long as this tab is open. */
export function signIn(token: string): void {
  sessionStorage.setItem(tokenKey, token);
  signedOut.set(false);
}

export const client = createClient({
  baseURL,
  headers: (): Record<string, string> => {
    const token = sessionStorage.getItem(tokenKey);
    return token === null ? {} : { authorization: `Bearer ${token}` };
  },
  fetch: async (url, init) => {
    try {
      const response = await fetch(url, init);
      reachable.set(![502, 503, 504].includes(response.status));
      if (response.status === 401) signedOut.set(true);
      return response;
    } catch (error) {
      if (!init?.signal?.aborted) reachable.set(false);
      throw error;
    }
  },
});

/** What to tell a person of something that went wrong. */
export function sentenceOf(error: unknown): string {
  if (error instanceof CadenzaProblem) return problemSentence(error);
  return 'The server cannot be reached. Nothing that you wrote is lost: try again.';
}

function problemSentence({ code, message }: CadenzaProblem): string {
  switch (code) {
    case 'run_paused':
      return 'The team waits for your answers. Answer its questions first, or stop the run.';
    case 'run_busy':
      return 'The team is still at work. Wait until it is done, or stop the run.';
    case 'runtime_closed':
      return 'The server is starting or stopping. Try again in a moment.';
    default:
      return message;
  }
}
