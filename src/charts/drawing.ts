/** A chart as it is drawn: boxes and lines with places, so that a page needs no layout of its own. */
import type { ActorKind } from '../actors.ts';

/** Where a box is: its left upper corner from that of the drawing, and its size, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A state, or the dot from which the first state is entered. */
export interface ChartNode extends Box {
  /** The state with the states that contain it: `answeringCalls.delegating`. A dot's ends in `*`. */
  readonly id: string;
  /** The state that contains it; null at the top. */
  readonly parent: string | null;
  readonly kind: 'start' | 'state' | 'group' | 'final';
  readonly label: string;
  readonly description: string;
  /** The events that the state takes without leaving it. */
  readonly takes: readonly string[];
}

/** An arrow: every transition from one state to another. */
export interface ChartEdge {
  readonly from: string;
  readonly to: string;
  readonly transitions: readonly {
    /** Null where no event is needed: the transition is taken as soon as its guard allows it. */
    readonly event: string | null;
    readonly guard: string | null;
  }[];
  /** What stands at the arrow, a line for each transition; null for the arrow from a dot. */
  readonly label: (Box & { readonly lines: readonly string[] }) | null;
  /** From the first point to the last, which has the arrow's head. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** A chart, drawn. */
export interface ChartDrawing {
  readonly kind: ActorKind;
  readonly width: number;
  readonly height: number;
  /** Each before those that it contains. */
  readonly nodes: readonly ChartNode[];
  readonly edges: readonly ChartEdge[];
}
