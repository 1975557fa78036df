/** The chart of an actor: where it stands is lit, the way that it just came is marked. */
import type { DrawingBody } from 'cadenza/client';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { Edge, Node } from './bodies.ts';
import { leaving } from './route-taken.ts';
import { useZoom, ZoomControls, zoomByKey } from './zoom.tsx';

interface ChartDrawingProps {
  readonly drawing: DrawingBody;
  /** Whose chart it is, and what is said of it to whoever does not see it. */
  readonly title: string;
  readonly description: string;
  /** The state that the actor is in. */
  readonly state: string;
  /** The arrows that it just went along. */
  readonly route: readonly Edge[];
}

export function ChartDrawing(props: ChartDrawingProps) {
  const { drawing, title, description, state, route } = props;
  const { width, height, nodes, edges } = drawing;
  const id = useId();
  const box = useRef<HTMLElement>(null);
  const zoom = useZoom(box, width);
  const { factor, room } = zoom;
  // Before it is painted, so that nobody sees it jump.
  useLayoutEffect(() => bringInto(box.current, drawing, state), [drawing, state, factor, room]);
  const possible = new Set(leaving(edges, state));
  const kindOf = (edge: Edge) =>
    route.includes(edge) ? 'taken' : possible.has(edge) ? 'possible' : undefined;
  // What is marked lies above what it crosses.
  const ordered = edges.toSorted((a, b) => rank(kindOf(a)) - rank(kindOf(b)));
  const groups = nodes.filter(({ kind }) => kind === 'group');
  return (
    <div class="drawn">
      <ZoomControls zoom={zoom} />
      <section
        class="chart"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: Where it scrolls, the keys must scroll it too.
        tabIndex={0}
        aria-label={title}
        onKeyDown={(event) => zoomByKey(zoom, event)}
      >
        <svg
          role="img"
          aria-labelledby={`${id}-title ${id}-desc`}
          viewBox={`0 0 ${width} ${height}`}
          width={width * factor}
          height={height * factor}
        >
          <title id={`${id}-title`}>{title}</title>
          <desc id={`${id}-desc`}>{description}</desc>
          {nodes.map((node) => (
            <State key={node.id} node={node} isLit={isLit(node, state)} />
          ))}
          {ordered.map((edge) => (
            <Arrow key={`${edge.from} ${edge.to}`} edge={edge} kind={kindOf(edge)} />
          ))}
          {ordered.map((edge) => (
            <Label
              key={`${edge.from} ${edge.to}`}
              edge={edge}
              kind={kindOf(edge)}
              ground={groundOf(edge, groups, state)}
            />
          ))}
        </svg>
      </section>
      <Legend isMoved={route.length > 0} isOver={possible.size === 0} />
    </div>
  );
}

/** What the weights of the arrows mean. */
function Legend({ isMoved, isOver }: { readonly isMoved: boolean; readonly isOver: boolean }) {
  return (
    <p class="legend">
      {isMoved && <span data-kind="taken">the way that this step took</span>}
      {!isOver && <span data-kind="possible">ways on from here</span>}
      <span>other ways</span>
    </p>
  );
}

/** Where the drawing is wider than its place, what is lit is brought into it. */
function bringInto(box: HTMLElement | null, { nodes, width }: DrawingBody, state: string): void {
  const lit = nodes.find(({ id }) => id === state);
  if (!box || !lit) return;
  const middle = ((lit.x + lit.width / 2) / width) * box.scrollWidth;
  box.scrollLeft = middle - box.clientWidth / 2;
}

/** A state is lit with those that contain it. */
function isLit({ id, kind }: Node, state: string): boolean {
  return kind !== 'start' && (id === state || state.startsWith(`${id}.`));
}

type EdgeKind = 'taken' | 'possible' | undefined;

function rank(kind: EdgeKind): number {
  return ['possible', 'taken'].indexOf(kind ?? '');
}

function State({ node, isLit }: { readonly node: Node; readonly isLit: boolean }) {
  const { id, kind, label, description, x, y, width, height } = node;
  if (kind === 'start') {
    return <circle class="begin" cx={x + width / 2} cy={y + height / 2} r={width / 2} />;
  }
  const inset = 3.5;
  return (
    <g class={`state ${kind}`} data-state={id} data-lit={isLit || undefined}>
      <title>{description}</title>
      <rect class="box" x={x} y={y} width={width} height={height} rx={kind === 'group' ? 12 : 9} />
      {kind === 'final' && (
        <rect
          class="inner"
          x={x + inset}
          y={y + inset}
          width={width - 2 * inset}
          height={height - 2 * inset}
          rx={6}
        />
      )}
      {kind === 'group' ? (
        <text x={x + 16} y={y + 25}>
          {label}
        </text>
      ) : (
        <text x={x + width / 2} y={y + height / 2 + 4.5} text-anchor="middle">
          {label}
        </text>
      )}
    </g>
  );
}

function Arrow({ edge, kind }: { readonly edge: Edge; readonly kind: EdgeKind }) {
  const { from, to, points } = edge;
  return (
    <g class="arrow" data-arrow={`${from} ${to}`} data-kind={kind}>
      <path class="line" d={lineThrough(points)} />
      <path class="head" d={headAt(points)} />
    </g>
  );
}

/** A line with rounded corners. */
function lineThrough(points: Edge['points']): string {
  const radius = 7;
  return points
    .map((point, index) => {
      const before = points[index - 1];
      const after = points[index + 1];
      if (!before) return `M${point.x} ${point.y}`;
      if (!after) return `L${point.x} ${point.y}`;
      const enter = towards(point, before, radius);
      const leave = towards(point, after, radius);
      return `L${enter.x} ${enter.y}Q${point.x} ${point.y} ${leave.x} ${leave.y}`;
    })
    .join('');
}

type Point = Edge['points'][number];

/** A point this far from one on the way to another, and no farther than half of it. */
function towards(from: Point, to: Point, most: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = Math.min(most, length / 2) / (length || 1);
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function headAt(points: Edge['points']): string {
  const [before, tip] = points.slice(-2);
  if (!before || !tip) return '';
  const back = towards(tip, before, 8);
  const side = { x: ((tip.y - back.y) / 8) * 4, y: ((back.x - tip.x) / 8) * 4 };
  return `M${tip.x} ${tip.y}L${back.x + side.x} ${back.y + side.y}L${back.x - side.x} ${back.y - side.y}Z`;
}

interface LabelProps {
  readonly edge: Edge;
  readonly kind: EdgeKind;
  /** What it lies on. */
  readonly ground: 'paper' | 'group' | 'lit';
}

function Label({ edge: { label }, kind, ground }: LabelProps) {
  if (!label) return null;
  const { x, y, width, height, lines } = label;
  return (
    <g class="label" data-kind={kind} data-ground={ground}>
      <rect x={x} y={y} width={width} height={height} />
      {lines.map((line, index) => (
        <text key={line} x={x + width / 2} y={y + 11 + index * 15} text-anchor="middle">
          {line}
        </text>
      ))}
    </g>
  );
}

function groundOf({ label }: Edge, groups: readonly Node[], state: string): LabelProps['ground'] {
  const below = groups.findLast(
    ({ x, y, width, height }) =>
      label && label.x >= x && label.x < x + width && label.y >= y && label.y < y + height,
  );
  if (!below) return 'paper';
  return isLit(below, state) ? 'lit' : 'group';
}
