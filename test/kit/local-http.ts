/** Speaks HTTP to a runtime in this process, as somebody whom the server knows. */
import { createApp } from '../../server/app.ts';
import type { Runtime } from '../../src/index.ts';
import { checkAnswer } from './contract.ts';

export type LocalHttp = <T = Record<string, unknown>>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  user?: string,
) => Promise<{ readonly status: number; readonly body: T }>;

/** The routes of a runtime, behind an authentication that believes the header `x-user`. */
export function httpOf(runtime: Runtime): LocalHttp {
  const app = createApp(runtime, {
    auth: ({ headers }) => {
      const userId = headers.get('x-user');
      return userId === null ? {} : { userId };
    },
  });
  return async <T>(method: string, path: string, body?: unknown, user?: string) => {
    const response = await app.request(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(user === undefined ? {} : { 'x-user': user }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    const text = await response.text();
    checkAnswer(method, path, { status, headers, text });
    return { status, body: JSON.parse(text) as T };
  };
}
