/** The HTTP server as a Hono app: mount it in your own, or serve it as `main.ts` does. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type By, RequestError, type Runtime } from '../src/index.ts';
import { answerMoved, eventRoutes, type StreamOptions } from './events.ts';
import { json } from './json.ts';
import { HttpError, problem, problemOf } from './problems.ts';
import {
  answersOf,
  assignBody,
  chatBody,
  filterOf,
  questionBody,
  questionsQuery,
  readBody,
  resumeBody,
  runBody,
} from './wire.ts';

export interface AppOptions {
  /** Who sends a request, from what your own authentication knows. Default: nobody says. */
  readonly identify?: (request: Request) => string | undefined;
  /** Names of the runtime's dependencies that runs started here get. Default: none. */
  readonly dependencies?: readonly string[];
  /** How streams of events are kept alive, and given up. */
  readonly streams?: StreamOptions;
}

/** The largest body, in bytes. */
const bodyMax = 1_048_576;

/**
 * The routes of a runtime.
 *
 * @example
 * app.route('/cadenza', createApp(runtime, { identify: (request) => userOf(request) }));
 */
export function createApp(runtime: Runtime, options: AppOptions = {}): Hono {
  const app = new Hono();
  app.onError((error, c) => problemOf(c, error));
  app.notFound((c) => problem(c, 'route_not_found', `There is no ${c.req.method} ${c.req.path}.`));
  app.use(
    bodyLimit({
      maxSize: bodyMax,
      onError: (c) => problem(c, 'body_too_large', `A body has at most ${bodyMax} bytes.`),
    }),
  );
  const by = (request: Request): By => {
    const userId = options.identify?.(request);
    return userId === undefined ? {} : { userId };
  };
  app.get('/health', (c) => c.json({ status: 'ok', teams: runtime.teams }));
  app.route('/', runRoutes(runtime, by, options));
  app.route('/', eventRoutes(runtime, options.streams ?? {}));
  app.route('/', questionRoutes(runtime, by));
  return app;
}

type Identify = (request: Request) => By;

function runRoutes(runtime: Runtime, by: Identify, options: AppOptions): Hono {
  const { dependencies = [], streams } = options;
  const app = new Hono();

  app.post('/chat', async (c) => {
    const { message, session_id: sessionId, team, metadata } = readBody(chatBody, await json(c));
    const given = {
      message,
      dependencies,
      ...by(c.req.raw),
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(team === undefined ? {} : { team }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    return answerMoved(c, runtime, (wait) => runtime.start({ ...given, wait }), streams);
  });

  app.post('/resume', async (c) => {
    const body = readBody(resumeBody, await json(c));
    const { answers, pointerInBody } = answersOf(body);
    try {
      const who = by(c.req.raw);
      const move = (wait: boolean) => runtime.resume(body.run_id, answers, { ...who, wait });
      return await answerMoved(c, runtime, move, streams);
    } catch (error) {
      const isAboutAnswers =
        error instanceof RequestError &&
        ['answer_invalid', 'answer_ambiguous'].includes(error.code);
      if (!isAboutAnswers) throw error;
      const errors = error.errors.map((one) => ({ ...one, pointer: pointerInBody(one.pointer) }));
      throw new RequestError(error.code, error.message, errors);
    }
  });

  app.get('/runs/:id', async (c) => c.json(runBody(await runtime.get(c.req.param('id')))));

  app.post('/runs/:id/cancel', async (c) =>
    c.json(runBody(await runtime.cancel(c.req.param('id')))),
  );

  app.get('/sessions/:id/approvals', async (c) => {
    const approvals = await runtime.rememberedApprovals(c.req.param('id'));
    return c.json({
      approvals: approvals.map(({ id, agent, tool, createdAt }) => ({
        id,
        agent,
        tool,
        created_at: createdAt.toISOString(),
      })),
    });
  });

  app.delete('/approvals/:id', async (c) => {
    const id = c.req.param('id');
    if (await runtime.forgetApproval(id)) return c.json({ id });
    throw new HttpError('approval_not_found', `There is no remembered approval "${id}".`);
  });

  return app;
}

function questionRoutes(runtime: Runtime, by: Identify): Hono {
  const app = new Hono();

  /** Who claims; a claim by nobody would be nobody's. */
  const claimant = (request: Request): string => {
    const { userId } = by(request);
    if (userId !== undefined) return userId;
    throw new RequestError('not_allowed', 'Claiming a question needs to know who you are.');
  };

  app.get('/questions', async (c) => {
    const filter = filterOf(readBody(questionsQuery, c.req.query()));
    const questions = await runtime.questions(filter);
    const isLast = questions.length < (filter.limit ?? 50);
    return c.json({
      questions: questions.map(questionBody),
      next: isLast ? null : questions.at(-1)?.id,
    });
  });

  app.post('/questions/:id/assign', async (c) => {
    const { assignee } = readBody(assignBody, await json(c));
    return c.json(questionBody(await runtime.assign(c.req.param('id'), assignee)));
  });

  app.post('/questions/:id/claim', async (c) =>
    c.json(questionBody(await runtime.claim(c.req.param('id'), claimant(c.req.raw)))),
  );

  app.post('/questions/:id/release', async (c) =>
    c.json(questionBody(await runtime.release(c.req.param('id'), claimant(c.req.raw)))),
  );

  return app;
}
