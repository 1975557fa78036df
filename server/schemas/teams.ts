/** Teams and charts on the wire. */
import { z } from '@hono/zod-openapi';
import type { Agent } from '../../src/index.ts';

const tool = z
  .strictObject({
    name: z.string(),
    description: z.string(),
    parameters: z.record(z.string(), z.unknown()).describe('The JSON Schema of its arguments.'),
  })
  .openapi('Tool');

/** An agent as the wire shows it. */
export interface AgentBody {
  name: string;
  kind: Agent['kind'];
  role: string;
  model: string;
  mode?: Agent['mode'] | undefined;
  tools: readonly z.output<typeof tool>[];
  members: readonly AgentBody[];
}

const agentSchema: z.ZodType<AgentBody> = z
  .strictObject({
    name: z.string(),
    kind: z.enum(['agent', 'team']),
    role: z.string().describe('What it is for; a leader chooses its members by it.'),
    model: z.string(),
    mode: z
      .enum(['coordinate', 'route', 'broadcast', 'tasks'])
      .optional()
      .describe('How it leads; teams only.'),
    tools: z.array(tool).readonly().describe('Its own, without the one by which it delegates.'),
    get members() {
      return z.array(agentSchema).readonly();
    },
  })
  .openapi('Agent', { description: 'An agent, alone or as the leader of its members.' });

export const teamList = z
  .strictObject({ teams: z.array(agentSchema).readonly().describe('The default first.') })
  .openapi('TeamList');

/** Which of the two charts an actor follows. */
export const actorKind = z.enum(['agent', 'tool_call']);

export const chartQuery = z.strictObject({
  chart: actorKind.optional().describe('Default `agent`.'),
  format: z
    .enum(['mermaid', 'json'])
    .optional()
    .describe('Default: what `Accept` names, else Mermaid.'),
});

/** XState takes one of a kind for a list of one. */
function oneOrMore<Schema extends z.ZodType>(schema: Schema) {
  return z.union([schema, z.array(schema).readonly()]);
}

const part = z
  .union([z.string(), z.strictObject({ type: z.string(), params: z.string().optional() })])
  .openapi('ChartPart', {
    description: 'The name of a guard or an action, or name and parameter.',
  });

const transition = z
  .union([
    z.string(),
    z.strictObject({
      target: z.string().optional().describe('Absent where no state is left.'),
      guard: part.optional(),
      actions: oneOrMore(part).optional(),
      reenter: z.boolean().optional(),
    }),
  ])
  .openapi('ChartTransition', { description: 'A transition, or only its target.' });

const chartState: z.ZodType = z
  .strictObject({
    description: z.string().optional(),
    type: z.literal('final').optional(),
    tags: z.string().optional(),
    initial: z.string().optional(),
    get states() {
      return z.record(z.string(), chartState).optional();
    },
    entry: oneOrMore(part).optional(),
    exit: oneOrMore(part).optional(),
    always: oneOrMore(transition).optional(),
    on: z.record(z.string(), oneOrMore(transition)).optional().describe('By event.'),
    output: z.record(z.string(), z.string()).optional(),
  })
  .openapi('ChartState');

export const chartSchema: z.ZodType = z
  .strictObject({
    id: z.string(),
    options: z.strictObject({ maxIterations: z.number().int() }),
    initial: z.string(),
    states: z.record(z.string(), chartState),
  })
  .openapi('Chart', { description: "A chart as XState's createMachine takes it." });

const box = {
  x: z.number().describe("From the drawing's left edge."),
  y: z.number().describe('From its upper edge.'),
  width: z.number(),
  height: z.number(),
};

const chartNode = z
  .strictObject({
    id: z.string().describe("The state, below those that contain it. A dot's ends in `*`."),
    parent: z.string().nullable().describe('The state that contains it; null at the top.'),
    kind: z.enum(['start', 'state', 'group', 'final']),
    label: z.string(),
    description: z.string(),
    takes: z.array(z.string()).readonly().describe('The events that it takes without leaving it.'),
    ...box,
  })
  .openapi('ChartNode', {
    description: 'A state, or the dot from which the first one is entered.',
  });

const chartEdge = z
  .strictObject({
    from: z.string(),
    to: z.string(),
    transitions: z
      .array(
        z.strictObject({
          event: z.string().nullable().describe('Null where none is needed.'),
          guard: z.string().nullable(),
        }),
      )
      .readonly(),
    label: z
      .strictObject({
        lines: z.array(z.string()).readonly().describe('One for each transition.'),
        ...box,
      })
      .nullable()
      .describe('What stands at the arrow; null for the arrow from a dot.'),
    points: z
      .array(z.strictObject({ x: z.number(), y: z.number() }))
      .readonly()
      .describe("The arrow's corners; its head is at the last."),
  })
  .openapi('ChartEdge', { description: 'An arrow: every transition from one state to another.' });

export const drawingSchema = z
  .strictObject({
    kind: actorKind,
    width: z.number(),
    height: z.number(),
    nodes: z.array(chartNode).readonly().describe('Each before those that it contains.'),
    edges: z.array(chartEdge).readonly(),
  })
  .openapi('ChartDrawing', { description: 'A chart with the places of what is in it, in pixels.' });
