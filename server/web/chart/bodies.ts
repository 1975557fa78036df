/** What the server says of a run's actors, by the names that the page has for it. */
import type { DrawingBody, ExplanationBody, RevisionList } from 'cadenza/client';

/** What is said of one actor now. */
export type ExplainedActor = ExplanationBody['actors'][number];

/** One step of a run. */
export type Step = RevisionList['revisions'][number];

/** One actor that a step moved. */
export type Transition = Step['transitions'][number];

export type ActorKind = Transition['kind'];

/** An arrow of a chart. */
export type Edge = DrawingBody['edges'][number];

/** A state of a chart, or the dot from which the first one is entered. */
export type Node = DrawingBody['nodes'][number];
