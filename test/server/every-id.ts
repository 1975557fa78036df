/** Requests to every route, with an id of every kind in every place where one may stand. */

/** An id of every kind that a tenant has. */
export interface Ids {
  readonly run: string;
  readonly question: string;
  readonly session: string;
  /** Of the run that waits for the person. */
  readonly open: string;
  /** Of a run that is at work. */
  readonly busy: string;
  readonly approval: string;
  readonly token: string;
}

export interface Asked {
  readonly path: string;
  readonly body?: unknown;
  /** What everybody is answered, whosever the id is. */
  readonly status: number;
}

export const unknown: Ids = {
  run: 'run_000000000000000000000000',
  question: 'q_000000000000000000000000_1_0',
  session: 'ses_none',
  open: 'ses_never',
  busy: 'ses_idle',
  approval: 'ra_q_111111111111111111111111_1_0',
  token: 'x'.repeat(43),
};

const said = { id: 'u1', role: 'user', content: 'Pay' };

/** Requests by route, one for each place where an id may stand; none where none can. */
export const matrix: Readonly<Record<string, (ids: Ids) => readonly Asked[]>> = {
  'GET /': () => [],
  'GET /assets/:name': () => [],
  'GET /health': () => [],
  'GET /ready': () => [],
  'GET /docs': () => [],
  'GET /docs.css': () => [],
  'GET /agui/capabilities': () => [],
  'GET /openapi.json': () => [],
  'GET /teams': () => [],
  'GET /teams/:name/chart': () => [],
  'GET /charts/:kind': () => [],
  'POST /chat': ({ session }) => [
    { path: '/chat', body: { message: 'Pay', session_id: session }, status: 200 },
  ],
  // A thread and a chat are sessions; what these doors refuse, they refuse in their streams.
  'POST /agui/:team': ({ run, session, question, open }) => [
    { path: '/agui/Desk', body: { threadId: session, runId: 'r1', messages: [said] }, status: 200 },
    {
      path: '/agui/Desk',
      body: {
        threadId: session,
        runId: 'r2',
        messages: [],
        resume: [{ interruptId: question, status: 'resolved', payload: { approved: true } }],
      },
      status: 200,
    },
    {
      path: '/agui/Desk',
      body: {
        threadId: open,
        runId: 'r3',
        messages: [
          { id: 't1', role: 'tool', toolCallId: `${run}/p`, content: '{"approved":true}' },
        ],
      },
      status: 200,
    },
  ],
  'POST /ai/:team': ({ session, question, open }) => [
    {
      path: '/ai/Desk',
      body: {
        id: session,
        messages: [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Pay' }] }],
      },
      status: 200,
    },
    {
      path: '/ai/Desk',
      body: {
        id: open,
        messages: [
          {
            id: 'a1',
            role: 'assistant',
            parts: [
              {
                type: 'dynamic-tool',
                toolCallId: question,
                state: 'output-available',
                output: { approved: true },
              },
            ],
          },
        ],
      },
      status: 200,
    },
  ],
  'GET /ai/:team/:id/stream': ({ busy }) => [
    { path: `/ai/CancelDesk/${busy}/stream`, status: 204 },
  ],
  'POST /resume': ({ run, question }) => [
    { path: '/resume', body: { run_id: run, answers: {} }, status: 404 },
    {
      path: '/resume',
      body: { run_id: run, answers: { [question]: { approved: true } } },
      status: 404,
    },
    {
      path: '/resume',
      body: { run_id: run, approved_queries: [{ field_name: 'approved', query: true }] },
      status: 404,
    },
  ],
  'GET /runs': ({ run, session }) => [
    { path: `/runs?after=${run}`, status: 404 },
    { path: `/runs?session_id=${session}`, status: 200 },
  ],
  'GET /runs/:id': ({ run }) => [{ path: `/runs/${run}`, status: 404 }],
  'GET /runs/:id/messages': ({ run }) => [
    { path: `/runs/${run}/messages`, status: 404 },
    { path: `/runs/${run}/messages?agent=`, status: 404 },
  ],
  'GET /runs/:id/events': ({ run }) => [
    { path: `/runs/${run}/events`, status: 404 },
    { path: `/runs/${run}/events?after=3`, status: 404 },
  ],
  'GET /runs/:id/explain': ({ run }) => [{ path: `/runs/${run}/explain`, status: 404 }],
  'GET /runs/:id/revisions': ({ run }) => [
    { path: `/runs/${run}/revisions`, status: 404 },
    { path: `/runs/${run}/revisions?after=1&limit=1`, status: 404 },
  ],
  'POST /runs/:id/cancel': ({ run }) => [{ path: `/runs/${run}/cancel`, status: 404 }],
  'GET /questions': ({ run, question, session }) => [
    { path: `/questions?run_id=${run}`, status: 200 },
    { path: `/questions?session_id=${session}&status=open`, status: 200 },
    { path: `/questions?after=${question}`, status: 404 },
  ],
  'POST /questions/:id/assign': ({ question }) => [
    { path: `/questions/${question}/assign`, body: { assignee: 'eve' }, status: 404 },
  ],
  'POST /questions/:id/claim': ({ question }) => [
    { path: `/questions/${question}/claim`, status: 404 },
  ],
  'POST /questions/:id/release': ({ question }) => [
    { path: `/questions/${question}/release`, status: 404 },
  ],
  'GET /sessions/:id/approvals': ({ session }) => [
    { path: `/sessions/${session}/approvals`, status: 200 },
  ],
  'DELETE /approvals/:id': ({ approval }) => [{ path: `/approvals/${approval}`, status: 404 }],
  // Of these the token is the whole authentication: there is no foreign one, only spent and unknown.
  'POST /answer': ({ token }) => [
    { path: '/answer', body: { token, answer: { approved: true } }, status: 403 },
  ],
  'POST /answer/question': ({ token }) => [
    { path: '/answer/question', body: { token }, status: 403 },
  ],
};
