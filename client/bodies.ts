/** The bodies of the HTTP contract as types, derived from its schemas, so that they cannot differ. */
import type { z } from '@hono/zod-openapi';
import type { eventSchema } from '../server/schemas/events.ts';
import type { explanationSchema, revisionList, revisionsQuery } from '../server/schemas/look.ts';
import type { messageList } from '../server/schemas/messages.ts';
import type { problemSchema } from '../server/schemas/problems.ts';
import type {
  fieldSchema,
  questionList,
  questionSchema,
  questionsQuery,
} from '../server/schemas/questions.ts';
import type {
  chatBody,
  resumeBody,
  runList,
  runSchema,
  runsQuery,
} from '../server/schemas/runs.ts';
import type { drawingSchema, teamList } from '../server/schemas/teams.ts';

export type ChatBody = z.output<typeof chatBody>;
/** A run; each status has just its own fields. */
export type RunBody = z.output<typeof runSchema>;
export type RunList = z.output<typeof runList>;
export type RunsQuery = z.output<typeof runsQuery>;
/** Values by field name, by question id; null declines. */
export type AnswersBody = NonNullable<z.output<typeof resumeBody>['answers']>;
/** Values by field name. */
export type ApprovedQueries = NonNullable<z.output<typeof resumeBody>['approved_queries']>;
export type MessageList = z.output<typeof messageList>;
export type QuestionBody = z.output<typeof questionSchema>;
export type FieldBody = z.output<typeof fieldSchema>;
export type QuestionList = z.output<typeof questionList>;
export type QuestionsQuery = z.output<typeof questionsQuery>;
/** The teams that are served, with their members and tools. */
export type TeamList = z.output<typeof teamList>;
/** Why a run stands where it stands. */
export type ExplanationBody = z.output<typeof explanationSchema>;
/** What the steps of a run did. */
export type RevisionList = z.output<typeof revisionList>;
export type RevisionsQuery = z.output<typeof revisionsQuery>;
/** A chart with the places of what is in it, in pixels. */
export type DrawingBody = z.output<typeof drawingSchema>;
export type ProblemBody = z.output<typeof problemSchema>;

/** An event of a run's log; each type has just its own fields. */
export type EventBody = z.output<typeof eventSchema>;
