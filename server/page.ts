/** Serves the page: a build of `server/web/`, read once, under a policy that lets in nothing else. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Context, Hono } from 'hono';
import { pathBelow } from './missing.ts';
import { notFound, problem } from './problems.ts';

/** Scripts, styles and requests are the page's own; text that a model wrote can load or run nothing. */
const policy = [
  "default-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Unbuilt, this file stands beside the build's folder; built, in it. */
const folder = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/web' : '../web', import.meta.url),
);

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** GET / and what it loads. They are the same for everybody, and hold nothing of any run. */
export function pageRoutes(): Hono {
  let files: ReadonlyMap<string, Buffer<ArrayBuffer>> | undefined;
  const app = new Hono();

  const page = (c: Context) => {
    files ??= readBuild();
    const html = files.get('index.html')?.toString();
    if (html === undefined) return notBuilt(c);
    c.header('Content-Security-Policy', policy);
    c.header('Cross-Origin-Opener-Policy', 'same-origin');
    c.header('Referrer-Policy', 'no-referrer');
    return sent(c, '.html', html.replaceAll('./assets/', `${placeOf(c)}assets/`), 'no-cache');
  };

  app.get('/', page);

  // Mounted at /cadenza, the route above is /cadenza; people also ask for /cadenza/.
  app.use((c, next) => {
    const isPage = pathBelow(c) === '/' && ['GET', 'HEAD'].includes(c.req.method);
    return isPage ? Promise.resolve(page(c)) : next();
  });

  app.get('/assets/:name', (c) => {
    files ??= readBuild();
    const name = c.req.param('name');
    const file = files.get(`assets/${name}`);
    // The name has a hash of what is in it.
    if (file) return sent(c, extname(name), file, 'public, max-age=31536000, immutable');
    return notFound(c);
  });

  return app;
}

function sent(c: Context, extension: string, body: string | Buffer<ArrayBuffer>, cache: string) {
  return c.body(body, 200, {
    'Content-Type': types[extension] ?? 'application/octet-stream',
    'Cache-Control': cache,
    'X-Content-Type-Options': 'nosniff',
  });
}

/** Where the app is mounted, seen from the page: a path like `/cadenza` ends without a slash. */
function placeOf(c: Context): string {
  const last = new URL(c.req.url).pathname.split('/').at(-1);
  return last ? `./${last}/` : './';
}

/** The files of the build, by their names in it. */
function readBuild(): ReadonlyMap<string, Buffer<ArrayBuffer>> {
  if (!existsSync(folder)) return new Map();
  const inside = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = inside.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return new Map(files.map((file) => [nameOf(file), readFileSync(file)]));
}

function nameOf(file: string): string {
  return relative(folder, file).replaceAll('\\', '/');
}

function notBuilt(c: Context): Response {
  return problem(c, 'route_not_found', 'The page is not built. Build it with npm run build:web.');
}
