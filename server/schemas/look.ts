/** Why a run stands where it stands, and what each of its steps did, on the wire. */
import { z } from '@hono/zod-openapi';
import { queryNumber } from './numbers.ts';
import { statusSchema } from './runs.ts';
import { actorKind } from './teams.ts';

const place = {
  path: z.string().describe('Where it stands in the run; the leader: empty.'),
  parent: z.string().nullable().describe('The path of what it belongs to; null for the leader.'),
  kind: actorKind,
  name: z.string().describe("An agent's name with the names above it, or the tool's."),
};

const standing = {
  ...place,
  state: z.string().describe('As in its chart, below the states that contain it.'),
  since: z.iso.datetime().describe('When it came into this state.'),
};

const actor = z
  .strictObject(standing)
  .openapi('Actor', { description: 'An agent or a tool call of a run, as it was after a step.' });

const legalEvent = z
  .strictObject({
    type: z.string().describe('As in the chart; `xstate.done.actor.*`: an actor below it ends.'),
    cause: z
      .enum(['resume', 'cancel', 'model', 'tool', 'deadline', 'restart', 'actor'])
      .describe('What brings it about. `resume` and `cancel` are yours to call.'),
  })
  .openapi('LegalEvent');

const explainedActor = z
  .strictObject({
    ...standing,
    sentence: z.string().describe('What it does or waits for.'),
    events: z
      .array(legalEvent)
      .readonly()
      .describe(
        'What it can take now, whatever guards make of it, and what a deadline brings only where there is one; empty once the run has ended.',
      ),
    question_ids: z
      .array(z.string())
      .readonly()
      .describe("Its open questions: a tool call's own, and an agent's calls' own."),
  })
  .openapi('ExplainedActor');

export const explanationSchema = z
  .strictObject({
    run_id: z.string(),
    status: statusSchema,
    revision: z.number().int().min(0).describe('The number of steps taken.'),
    sentence: z.string().describe('What the run does or waits for.'),
    stalled: z
      .boolean()
      .describe("Whether it stands still though no person's answer is what it waits for."),
    actors: z
      .array(explainedActor)
      .readonly()
      .describe('Each before those that belong to it; none before the first step.'),
  })
  .openapi('Explanation', { description: 'Why a run stands where it stands.' });

const transition = z
  .strictObject({
    ...place,
    from: z.string().nullable().describe('Null if the step made it.'),
    to: z.string(),
  })
  .openapi('Transition', {
    description: 'An agent or a tool call that a step moved. What it made and ended moved once.',
  });

const askedEffect = z
  .strictObject({
    id: z.string().describe("The question's id for `askUser`."),
    kind: z.enum(['callModel', 'runTool', 'askUser']),
    path: z.string().describe("The agent's for `callModel`, else the tool call's."),
  })
  .openapi('Effect', { description: 'What a step asked of the outside world.' });

const revision = z
  .strictObject({
    revision: z.number().int().min(1).describe('Counts from 1 without a gap.'),
    at: z.iso.datetime(),
    event: z
      .strictObject({ type: z.string(), path: z.string() })
      .describe(
        'What happened, and to whom. Beside the events of the charts: `run.adopted` and `run.migrated`, when changed code took the run up.',
      ),
    transitions: z.array(transition).readonly(),
    effects: z.array(askedEffect).readonly(),
    actors: z
      .array(actor)
      .readonly()
      .describe('All after the step, each before those that belong to it. What ended is gone.'),
  })
  .openapi('Revision', { description: 'A step of a run.' });

export const revisionsQuery = z.strictObject({
  after: queryNumber(0)
    .optional()
    .describe(
      "Continue after this revision. Default 0. The newest n come after the explanation's `revision` less n.",
    ),
  limit: queryNumber(1, 200).optional().describe('Default 50.'),
});

export const revisionList = z
  .strictObject({
    run_id: z.string(),
    revisions: z.array(revision).readonly().describe('Oldest first.'),
    next: z
      .number()
      .int()
      .nullable()
      .describe('What to give as `after` for the next page; null if this is the last.'),
  })
  .openapi('RevisionList');
