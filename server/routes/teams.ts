/** What is served: the teams, and the charts that they run. */
import { createRoute, z } from '@hono/zod-openapi';
import { accepts } from 'hono/accepts';
import {
  type ActorKind,
  type Agent,
  chartOf,
  chartText,
  machineJson,
  shortened,
} from '../../src/index.ts';
import { drawingBody } from '../look-body.ts';
import { HttpError } from '../problems.ts';
import { newRouter, type Router } from '../router.ts';
import { json, problems } from '../schemas/problems.ts';
import {
  type AgentBody,
  actorKind,
  chartQuery,
  chartSchema,
  drawingSchema,
  teamList,
} from '../schemas/teams.ts';

const list = createRoute({
  method: 'get',
  path: '/teams',
  operationId: 'listTeams',
  tags: ['Teams'],
  summary: 'Lists the teams with their members and tools',
  responses: { 200: json('The teams.', teamList), ...problems() },
});

const chart = createRoute({
  method: 'get',
  path: '/teams/{name}/chart',
  operationId: 'getChart',
  tags: ['Teams'],
  summary: "Draws a chart of a team: an agent's, or a tool call's",
  description: 'Every agent of every team runs the same two charts, nested without limit.',
  request: {
    params: z.object({ name: z.string().openapi({ description: 'The name of the team.' }) }),
    query: chartQuery,
  },
  responses: {
    200: {
      description: 'The chart, as the text of a Mermaid diagram or as data.',
      content: {
        'text/plain': { schema: z.string().openapi({ example: 'stateDiagram-v2\n  [*] --> …' }) },
        'application/json': { schema: chartSchema },
      },
    },
    ...problems('body_invalid', 'team_not_found'),
  },
});

const drawing = createRoute({
  method: 'get',
  path: '/charts/{kind}',
  operationId: 'getDrawing',
  tags: ['Teams'],
  summary: 'Draws a chart as boxes and lines with their places',
  description:
    "An agent's or a tool call's: all that a page needs to draw it and to mark in it where a run stands. It is the same for every run and every team.",
  request: {
    params: z.object({ kind: z.string().openapi({ description: '`agent` or `tool_call`.' }) }),
  },
  responses: { 200: json('The drawing.', drawingSchema), ...problems('chart_not_found') },
});

export function teamRoutes(): Router {
  const app = newRouter();

  app.openapi(list, (c) => {
    // Teams and charts nest, which the router's types cannot follow.
    return c.json({ teams: c.get('runtime').definitions.map(agentBody) }, 200) as never;
  });

  app.openapi(chart, (c) => {
    const { name } = c.req.valid('param');
    if (!c.get('runtime').teams.includes(name)) {
      throw new HttpError('team_not_found', `There is no team "${shortened(name)}".`);
    }
    const { chart: which = 'agent', format = accepted() } = c.req.valid('query');
    c.header('Vary', 'Accept');
    const kind = chartKind(which);
    if (format === 'mermaid') return c.text(chartText(kind), 200);
    return c.json(machineJson(kind), 200) as never;

    function accepted() {
      const supports = ['text/plain', 'application/json'];
      const type = accepts(c, { header: 'Accept', supports, default: 'text/plain' });
      return type === 'application/json' ? 'json' : 'mermaid';
    }
  });

  app.openapi(drawing, (c) => {
    const { kind } = c.req.valid('param');
    const which = actorKind.safeParse(kind);
    if (!which.success) {
      throw new HttpError(
        'chart_not_found',
        `There is no chart "${shortened(kind)}". There is: agent, tool_call.`,
      );
    }
    return c.json(drawingBody(chartOf(chartKind(which.data))), 200);
  });

  return app;
}

function chartKind(kind: z.output<typeof actorKind>): ActorKind {
  return kind === 'tool_call' ? 'toolCall' : kind;
}

function agentBody(agent: Agent): AgentBody {
  return {
    name: agent.name,
    kind: agent.kind,
    role: agent.role,
    model: agent.model.name,
    ...(agent.kind === 'team' ? { mode: agent.mode } : {}),
    tools: agent.tools.map(toolBody),
    members: agent.members.map(agentBody),
  };
}

function toolBody({ name, description, input }: Agent['tools'][number]) {
  const { $schema: _, ...parameters } = z.toJSONSchema(input, { io: 'input' });
  return { name, description, parameters };
}
