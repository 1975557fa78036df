/** The two endpoints that begin a run and answer its questions. */
import { createRoute } from '@hono/zod-openapi';
import { RequestError } from '../../src/index.ts';
import { answerMoved } from '../events.ts';
import { checkJson } from '../json.ts';
import { keyHeader, keyProblems, once } from '../once.ts';
import type { OpenRequests } from '../open-requests.ts';
import { asyncHeader } from '../prefer.ts';
import { newRouter, type Router } from '../router.ts';
import { eventStream } from '../schemas/events.ts';
import { headers } from '../schemas/headers.ts';
import { json, jsonBody, problemsWithBody } from '../schemas/problems.ts';
import { chatBody, resumeBody, runSchema } from '../schemas/runs.ts';
import { answersOf } from '../wire.ts';

/** How a client wants to be told what comes of its request, and its key. */
const waitingAndKey = asyncHeader.extend(keyHeader.shape);

const moved = {
  200: {
    description: 'The run, once it pauses or ends; or its events until then, as `Accept` says.',
    headers: headers(false, 'Content-Location'),
    content: {
      'application/json': { schema: runSchema },
      'text/event-stream': { schema: eventStream },
    },
  },
  202: {
    ...json('The run as it is now; its events tell the rest.', runSchema),
    headers: headers(true, 'Location', 'Preference-Applied'),
  },
};

const chat = createRoute({
  method: 'post',
  path: '/chat',
  operationId: 'chat',
  tags: ['Runs'],
  summary: 'Starts a run',
  description:
    'Answers when the run pauses or ends; or at once, with a run that still works, when it must wait for another run of its session. A client that leaves stops nothing.',
  middleware: [checkJson, once],
  request: { ...jsonBody(chatBody), headers: waitingAndKey },
  responses: {
    ...moved,
    ...problemsWithBody(
      'message_invalid',
      'team_unknown',
      'input_refused',
      'dependency_unknown',
      'run_paused',
      'run_busy',
      'too_many_tenant_runs',
      'too_many_runs',
      'too_many_streams',
      'definition_changed',
      'snapshot_unreadable',
      'store_busy',
      ...keyProblems,
    ),
  },
});

const resume = createRoute({
  method: 'post',
  path: '/resume',
  operationId: 'resume',
  tags: ['Runs'],
  summary: 'Answers open questions, all of them or some',
  description:
    'Answers when the run pauses again or ends. The same answers again cause nothing and are answered alike. Answers that do not fit change nothing: the run stays paused.',
  middleware: [checkJson, once],
  request: { ...jsonBody(resumeBody), headers: waitingAndKey },
  responses: {
    ...moved,
    ...problemsWithBody(
      'not_allowed',
      'run_not_found',
      'answer_invalid',
      'answer_ambiguous',
      'answer_conflict',
      'question_not_open',
      'question_expired',
      'run_finished',
      'too_many_streams',
      'definition_changed',
      'dependency_missing',
      'snapshot_unreadable',
      'store_busy',
      ...keyProblems,
    ),
  },
});

export interface ChatOptions {
  /** Names of the runtime's dependencies that runs started here get. Default: none. */
  readonly dependencies?: readonly string[];
}

export function chatRoutes(open: OpenRequests, { dependencies = [] }: ChatOptions): Router {
  const app = newRouter();

  app.openapi(chat, async (c) => {
    const { message, session_id: sessionId, team, metadata } = c.req.valid('json');
    const given = {
      message,
      dependencies,
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(team === undefined ? {} : { team }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    const runtime = c.get('runtime');
    const move = (wait: boolean) => runtime.start({ ...given, wait });
    return (await answerMoved(c, runtime, move, open)) as never;
  });

  app.openapi(resume, async (c) => {
    const body = c.req.valid('json');
    const { answers, pointerInBody } = answersOf(body);
    try {
      const runtime = c.get('runtime');
      const move = (wait: boolean) => runtime.resume(body.run_id, answers, { wait });
      return (await answerMoved(c, runtime, move, open)) as never;
    } catch (error) {
      const isAboutAnswers =
        error instanceof RequestError &&
        ['answer_invalid', 'answer_ambiguous'].includes(error.code);
      if (!isAboutAnswers) throw error;
      const errors = error.errors.map((one) => ({ ...one, pointer: pointerInBody(one.pointer) }));
      throw new RequestError(error.code, error.message, errors);
    }
  });

  return app;
}
