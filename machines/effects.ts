/**
 * How a chart asks for something: it notes a request, and does nothing else.
 *
 * Whoever drives the actor tree opens a list for its actor system before a step, and takes it
 * afterwards. A request that is noted while no list is open is an error, so nothing can be asked
 * for outside a step.
 */
import type { AnyActorRef } from 'xstate';
import type { Path, ReportOutcome, ResultSource } from './vocabulary.ts';

/**
 * What charts ask for. `callModel`, `runTool` and `askUser` are effects. The others are written in
 * the step's own commit: a member's report, what it is told of earlier reports as it begins, and the
 * result of a tool call.
 */
export type ChartRequest =
  | { readonly kind: 'callModel'; readonly agent: Path; readonly name: string }
  | { readonly kind: 'runTool'; readonly call: Path; readonly askedBy: string }
  | { readonly kind: 'askUser'; readonly call: Path; readonly askedBy: string }
  | {
      readonly kind: 'briefMember';
      readonly agent: Path;
      /** The members whose reports it builds on. */
      readonly after: readonly Path[];
    }
  | {
      readonly kind: 'recordReport';
      readonly call: Path;
      readonly agent: Path;
      /** The member's name, with the names above it. */
      readonly name: string;
      readonly outcome: ReportOutcome;
    }
  | {
      readonly kind: 'recordResult';
      readonly call: Path;
      readonly askedBy: string;
      readonly source: ResultSource;
      /** The members whose reports the result is made of, in order; empty for other sources. */
      readonly reports: readonly Path[];
    };

type ActorSystem = AnyActorRef['system'];

const lists = new WeakMap<ActorSystem, ChartRequest[]>();

/** Opens an empty list for the requests of one actor system; a later call empties it. */
export function openRequests(system: ActorSystem): void {
  lists.set(system, []);
}

/** Takes what was requested since the list was opened, in order, and leaves it empty. */
export function takeRequests(system: ActorSystem): ChartRequest[] {
  return lists.get(system)?.splice(0) ?? [];
}

/** Notes a request. Called by the charts' actions only. */
export function note(system: ActorSystem, request: ChartRequest): void {
  const list = lists.get(system);
  if (!list) throw new Error(`A chart asked for "${request.kind}" outside a step.`);
  list.push(request);
}
