/** What an app answers where it has no route: that there is none, or which methods there are. */
import type { Context } from 'hono';
import { basePath } from 'hono/route';
import { shortened } from '../src/index.ts';
import { notFound, problem } from './problems.ts';

/** The routes of an app, as it lists them itself. */
interface Routed {
  readonly routes: readonly { readonly method: string; readonly path: string }[];
}

/** Answers what no route of the app took; it must be the last. */
export function missing(app: Routed): (c: Context) => Response {
  return (c) => {
    const methods = methodsAt(app, pathBelow(c) || '/');
    if (methods.length === 0) return notFound(c);
    c.header('Allow', methods.join(', '));
    const detail = `${shortened(c.req.path)} takes ${methods.join(', ')}, and not ${c.req.method}.`;
    return problem(c, 'method_not_allowed', detail);
  };
}

/** The path of a request below where the app is mounted. */
export function pathBelow(c: Context): string {
  return c.req.path.slice(basePath(c).replace(/\/$/, '').length);
}

function methodsAt({ routes }: Routed, path: string): string[] {
  const here = routes.filter((route) => route.method !== 'ALL' && patternOf(route.path).test(path));
  // Whatever answers GET answers HEAD.
  const methods = here.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...new Set(methods)].sort();
}

/** Paths here have letters, dots and `:name`, which stands for anything without a slash. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`);
}
