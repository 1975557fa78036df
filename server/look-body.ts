/** What is seen of a run and of the charts that it follows as bodies, in snake_case. */
import type { z } from '@hono/zod-openapi';
import type {
  Actor,
  ActorKind,
  ChartDrawing,
  ExplainedActor,
  Explanation,
  Revision,
} from '../src/index.ts';
import type { explanationSchema, revisionList } from './schemas/look.ts';
import type { actorKind, drawingSchema } from './schemas/teams.ts';

/** Why a run stands where it stands, as a body. */
export function explanationBody(explanation: Explanation): z.output<typeof explanationSchema> {
  const { runId, status, revision, sentence, stalled, actors } = explanation;
  return { run_id: runId, status, revision, sentence, stalled, actors: actors.map(explainedBody) };
}

function explainedBody({ sentence, events, questionIds, ...actor }: ExplainedActor) {
  return { ...actorBody(actor), sentence, events, question_ids: questionIds };
}

/** What the steps of a run did, as a body. */
export function revisionsBody(
  runId: string,
  page: readonly Revision[],
  limit = 50,
): z.output<typeof revisionList> {
  const last = page.at(-1);
  return {
    run_id: runId,
    revisions: page.map(revisionBody),
    next: page.length < limit || !last ? null : last.revision,
  };
}

function revisionBody({ revision, at, event, transitions, effects, actors }: Revision) {
  return {
    revision,
    at: at.toISOString(),
    event,
    transitions: transitions.map((one) => ({ ...one, kind: kindBody(one.kind) })),
    effects,
    actors: actors.map(actorBody),
  };
}

function actorBody({ path, parent, kind, name, state, since }: Actor) {
  return { path, parent, kind: kindBody(kind), name, state, since: since.toISOString() };
}

/** A chart, drawn, as a body. */
export function drawingBody(drawing: ChartDrawing): z.output<typeof drawingSchema> {
  return { ...drawing, kind: kindBody(drawing.kind) };
}

function kindBody(kind: ActorKind): z.output<typeof actorKind> {
  return kind === 'toolCall' ? 'tool_call' : kind;
}
