/** Gives the states and transitions of a chart their places. */
import elk, { type ElkExtendedEdge, type ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import type { Box, ChartDrawing, ChartEdge, ChartNode } from '../../src/charts/drawing.ts';
import { call, transitionsOf } from '../../src/charts/transitions.ts';

/** What is drawn, before it has places. */
interface Sketch {
  readonly nodes: readonly Omit<ChartNode, keyof Box>[];
  readonly edges: readonly (Omit<ChartEdge, 'label' | 'points'> & {
    readonly lines: readonly string[];
  })[];
}

/** Widths of a letter and heights of a line, in pixels: of a state's name, and of what stands at an arrow. */
const text = { name: { width: 8.3, height: 20 }, arrow: { width: 6.8, height: 15 } };

function idOf(state: AnyStateNode): string {
  return state.path.join('.');
}

/** The states and transitions of a chart, each transition exactly once. */
export function sketchOf(machine: AnyStateMachine): Sketch {
  const states = statesBelow(machine.root);
  const groups = [machine.root, ...states].filter(({ type }) => type === 'compound');
  return {
    nodes: [startOf(machine.root), ...states.flatMap(nodesOf)],
    edges: [...groups.flatMap(startEdges), ...states.flatMap(edgesOf)],
  };
}

function statesBelow(state: AnyStateNode): AnyStateNode[] {
  return Object.values(state.states).flatMap((inner) => [inner, ...statesBelow(inner)]);
}

function parentOf({ parent }: AnyStateNode): string | null {
  return parent && parent.path.length > 0 ? idOf(parent) : null;
}

function nodeOf(state: AnyStateNode): Sketch['nodes'][number] {
  const kinds = { compound: 'group', final: 'final' } as const;
  const takes = transitionsOf(state)
    .filter(({ target }) => target === undefined)
    .map(({ eventType }) => String(eventType));
  return {
    id: idOf(state),
    parent: parentOf(state),
    kind: state.type === 'compound' || state.type === 'final' ? kinds[state.type] : 'state',
    label: state.key,
    description: state.description ?? '',
    takes,
  };
}

/** A state; a group brings its dot. */
function nodesOf(state: AnyStateNode): Sketch['nodes'][number][] {
  return state.type === 'compound' ? [nodeOf(state), startOf(state)] : [nodeOf(state)];
}

function startId(group: AnyStateNode): string {
  return [...group.path, '*'].join('.');
}

function startOf(group: AnyStateNode): Sketch['nodes'][number] {
  const parent = group.path.length > 0 ? idOf(group) : null;
  return { id: startId(group), parent, kind: 'start', label: '', description: '', takes: [] };
}

function startEdges(group: AnyStateNode): Sketch['edges'][number][] {
  return group.initial.target.map((first) => ({
    from: startId(group),
    to: idOf(first),
    transitions: [],
    lines: [],
  }));
}

function edgesOf(state: AnyStateNode): Sketch['edges'][number][] {
  const all = transitionsOf(state).flatMap(({ eventType, guard, target }) =>
    (target ?? []).map((to) => {
      const event = eventType === '' ? null : String(eventType);
      return { to: idOf(to), event, guard: guard === undefined ? null : call(guard) };
    }),
  );
  return [...Map.groupBy(all, ({ to }) => to)].map(([to, list]) => ({
    from: idOf(state),
    to,
    transitions: list.map(({ event, guard }) => ({ event, guard })),
    lines: list.map(lineOf).filter((line) => line !== ''),
  }));
}

function lineOf({ event, guard }: ChartEdge['transitions'][number]): string {
  return [event ?? '', guard === null ? '' : `[${guard}]`].filter((part) => part !== '').join(' ');
}

const rootOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '10',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '26',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
};

function elkNode(sketch: Sketch, node: Sketch['nodes'][number]): ElkNode {
  const children = sketch.nodes.filter(({ parent }) => parent === node.id);
  if (node.kind === 'start') return { id: node.id, width: 10, height: 10 };
  if (children.length > 0) {
    return {
      id: node.id,
      layoutOptions: { ...rootOptions, 'elk.padding': '[top=44,left=20,bottom=20,right=20]' },
      children: children.map((child) => elkNode(sketch, child)),
    };
  }
  return { id: node.id, width: Math.ceil(node.label.length * text.name.width) + 34, height: 38 };
}

/** What is defined first stands above: the arrows down are those that must not be turned around. */
function elkEdge({ nodes }: Sketch, edge: Sketch['edges'][number], index: number): ElkExtendedEdge {
  const place = (id: string) => nodes.findIndex((node) => node.id === id);
  const leadsDown = place(edge.from) < place(edge.to);
  const longest = Math.max(0, ...edge.lines.map(({ length }) => length));
  const size = {
    width: Math.ceil(longest * text.arrow.width) + 8,
    height: edge.lines.length * text.arrow.height,
  };
  // On its arrow, and not beside it: so nobody has to guess whose it is.
  const layoutOptions = { 'elk.edgeLabels.inline': 'true' };
  const label = { text: edge.lines.join('\n'), ...size, layoutOptions };
  const labels = edge.lines.length > 0 ? [label] : [];
  return {
    id: `e${index}`,
    sources: [edge.from],
    targets: [edge.to],
    labels,
    layoutOptions: { 'elk.layered.priority.direction': leadsDown ? '10' : '0' },
  };
}

/** Draws a chart. */
export async function drawingOf(machine: AnyStateMachine): Promise<ChartDrawing> {
  const sketch = sketchOf(machine);
  const laidOut: ElkNode = await new elk.default().layout({
    id: 'root',
    layoutOptions: {
      ...rootOptions,
      'elk.json.edgeCoords': 'ROOT',
      'elk.json.shapeCoords': 'ROOT',
    },
    children: sketch.nodes
      .filter(({ parent }) => parent === null)
      .map((node) => elkNode(sketch, node)),
    edges: sketch.edges.map((edge, index) => elkEdge(sketch, edge, index)),
  });
  const boxes = new Map(boxesBelow(laidOut).map((node) => [node.id, boxOf(node)]));
  const routes = new Map((laidOut.edges ?? []).map((edge) => [edge.id, edge]));
  return {
    kind: machine.id as ChartDrawing['kind'],
    width: Math.ceil(laidOut.width ?? 0),
    height: Math.ceil(laidOut.height ?? 0),
    nodes: sketch.nodes.map((node) => ({ ...node, ...placed(boxes.get(node.id)) })),
    edges: sketch.edges.map((edge, index) => placedEdge(edge, placed(routes.get(`e${index}`)))),
  };
}

function boxesBelow(node: ElkNode): ElkNode[] {
  return (node.children ?? []).flatMap((child) => [child, ...boxesBelow(child)]);
}

function placedEdge(
  { lines, ...edge }: Sketch['edges'][number],
  route: ElkExtendedEdge,
): ChartEdge {
  const [label] = route.labels ?? [];
  const section = placed(route.sections?.[0]);
  const { startPoint, bendPoints = [], endPoint } = section;
  return {
    ...edge,
    label: label ? { ...boxOf(label), lines } : null,
    points: [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({ x: half(x), y: half(y) })),
  };
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x: half(x), y: half(y), width: half(width), height: half(height) };
}

/** To half pixels, which look sharp and make short numbers. */
function half(value: number): number {
  return Math.round(value * 2) / 2;
}

function placed<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('The layout left something out.');
  return found;
}
