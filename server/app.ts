/** The HTTP server as a Hono app: mount it in your own, or serve it as `main.ts` does. */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { RequestError, type Runtime } from '../src/index.ts';
import { BodyError, problem, problemOf } from './problems.ts';
import { answersOf, chatBody, readBody, resumeBody, runBody } from './wire.ts';

/** The largest body, in bytes. */
const bodyMax = 1_048_576;

/**
 * The routes of a runtime.
 *
 * @example
 * app.route('/cadenza', createApp(runtime));
 */
export function createApp(runtime: Runtime): Hono {
  const app = new Hono();
  app.onError((error, c) => problemOf(c, error));
  app.notFound((c) => problem(c, 'route_not_found', `There is no ${c.req.method} ${c.req.path}.`));
  app.use(
    bodyLimit({
      maxSize: bodyMax,
      onError: (c) => problem(c, 'body_too_large', `A body has at most ${bodyMax} bytes.`),
    }),
  );

  app.post('/chat', async (c) => {
    const { message, session_id: sessionId, team } = readBody(chatBody, await json(c));
    const run = await runtime.start({
      message,
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(team === undefined ? {} : { team }),
    });
    return c.json(runBody(run));
  });

  app.post('/resume', async (c) => {
    const body = readBody(resumeBody, await json(c));
    const { answers, pointerInBody } = answersOf(body);
    try {
      return c.json(runBody(await runtime.resume(body.run_id, answers)));
    } catch (error) {
      if (!(error instanceof RequestError) || error.errors.length === 0) throw error;
      const errors = error.errors.map((one) => ({ ...one, pointer: pointerInBody(one.pointer) }));
      throw new RequestError(error.code, error.message, errors);
    }
  });

  app.get('/runs/:id', async (c) => c.json(runBody(await runtime.get(c.req.param('id')))));

  app.post('/runs/:id/cancel', async (c) =>
    c.json(runBody(await runtime.cancel(c.req.param('id')))),
  );

  app.get('/health', (c) => c.json({ status: 'ok', teams: runtime.teams }));

  return app;
}

/** The parsed body. A browser may post any other type from a foreign page without asking. */
async function json(c: Context): Promise<unknown> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new BodyError('media_type_unsupported', 'Send the body as application/json.');
  }
  const text = await c.req.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new BodyError('body_malformed', 'The body is not JSON.');
  }
}
