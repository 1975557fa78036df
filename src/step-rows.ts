/** What becomes of a chart's requests: the rows that a step adds to its run. */
import type { ChartRequest } from '../machines/effects.ts';
import { memberPathOf, type Path, pathOf, type ReportOutcome } from '../machines/vocabulary.ts';
import { InvariantError } from './errors.ts';
import type { ModelUse } from './models/model.ts';
import type { RunEvent } from './stores/events.ts';
import type { AskedEffect, NewEffect, NewMessage, NewQuestion, StepChange } from './stores/rows.ts';
import type { NewUse } from './stores/usage.ts';
import { bounded, withoutNul } from './text.ts';

/** Texts of reports, by the path of the member. */
type Reports = Readonly<Record<Path, string>>;

type Request<Kind extends ChartRequest['kind']> = Extract<ChartRequest, { kind: Kind }>;

function only<Kind extends ChartRequest['kind']>(
  requests: readonly ChartRequest[],
  kind: Kind,
): Request<Kind>[] {
  return requests.filter((request): request is Request<Kind> => request.kind === kind);
}

/** What the event itself adds to transcripts: the message, a reply, tasks, a correction. */
export function messagesOf(event: RunEvent): NewMessage[] {
  if (event.type === 'run.started') return [{ agent: '', role: 'user', text: event.message }];
  if (event.type !== 'model.replied') return [];
  const { agent, text, calls, correction, verbatim } = event;
  const tasks = calls.flatMap(({ id, plan = [] }) =>
    plan.map((one): NewMessage => {
      const member = memberPathOf(pathOf(agent, id), one.id);
      return { agent: member, role: 'user', text: withoutNul(one.task) };
    }),
  );
  return [
    { agent, role: 'assistant', text, calls, ...(verbatim ? { verbatim } : {}) },
    ...(correction === undefined ? [] : [{ agent, role: 'user', text: correction } as const]),
    ...tasks,
  ];
}

/**
 * What the answers used that the event brought.
 *
 * @param name the name of the agent whose model answered
 */
export function usesOf(event: RunEvent, name: string): NewUse[] {
  const discarded = discardedBy(event, name);
  if (event.type !== 'model.replied') return discarded;
  return [...discarded, { ...useOf(event), agent: event.agent, name }];
}

/** What answers used that were thrown away before the event came about. */
export function discardedBy(event: RunEvent, name: string): NewUse[] {
  if (event.type !== 'model.replied' && event.type !== 'model.failed') return [];
  const { agent, discarded = [] } = event;
  return discarded.map((use) => ({ ...use, agent, name }));
}

function useOf(reply: Extract<RunEvent, { type: 'model.replied' }>): ModelUse {
  const { usage, model = '', costMicros } = reply;
  return { model, usage, ...(costMicros === undefined ? {} : { costMicros }) };
}

/** What members are told of the reports that their tasks build on. */
export function briefsOf(requests: readonly ChartRequest[], reports: Reports): NewMessage[] {
  return only(requests, 'briefMember').map(({ agent, after }) => ({
    agent,
    role: 'user',
    text: `What your task builds on:\n${listed(after, reports)}`,
  }));
}

/** The reports of members that ended in this step, in words for the leader. */
export function reportsOf(
  requests: readonly ChartRequest[],
  event: RunEvent,
): StepChange['reports'][number][] {
  return only(requests, 'recordReport').map(({ call, agent, outcome }) => {
    return { call, agent, outcome, text: reportText(call, outcome, event) };
  });
}

function reportText(call: Path, outcome: ReportOutcome, event: RunEvent): string {
  switch (outcome) {
    case 'reported':
      if (event.type !== 'model.replied') throw unfit(event, call);
      return event.text ?? '';
    case 'failed':
      if (event.type !== 'model.failed') throw unfit(event, call);
      return `The member could not finish: ${event.failure.message}`;
    case 'skipped':
      return 'Not begun, because a task that it builds on was not finished.';
    case 'cancelled':
      return 'The run was stopped before the member reported.';
  }
}

/** One report as it is; several under the ids of their assignments. */
function listed(members: readonly Path[], reports: Reports): string {
  const list = members.map((path) => `[${path.split(':').at(-1)}] ${reports[path]}`);
  return bounded(list.join('\n'));
}

/** The sentence that answers a call, from the event that brought it about. */
export function resultOf(
  { call, source, reports: members }: Request<'recordResult'>,
  event: RunEvent,
  reports: Reports,
): string {
  switch (source) {
    case 'cancellation':
      return 'The run was stopped before this call had a result.';
    case 'refusal': {
      const refusal = readCallAt(event, call)?.refusal;
      if (refusal === undefined) throw unfit(event, call);
      return refusal;
    }
    case 'member': {
      const [first, ...others] = members;
      if (first === undefined) throw unfit(event, call);
      return others.length === 0 ? (reports[first] ?? '') : listed(members, reports);
    }
    case 'tool':
    case 'user':
    case 'expiry':
      if (!('result' in event) || event.result === undefined) throw unfit(event, call);
      return bounded(event.result);
  }
}

export function effectsOf(requests: readonly ChartRequest[], idPrefix: string): NewEffect[] {
  return requests.flatMap((request, index): NewEffect[] => {
    const id = `${idPrefix}:${index}`;
    if (request.kind === 'callModel') {
      return [{ id, kind: 'callModel', agent: request.agent, name: request.name }];
    }
    if (request.kind !== 'runTool') return [];
    return [{ id, kind: 'runTool', call: request.call, name: request.askedBy }];
  });
}

export function questionsOf(
  requests: readonly ChartRequest[],
  event: RunEvent,
  idPrefix: string,
): NewQuestion[] {
  const [runId = '', revision = ''] = idPrefix.replace(/^run_/, '').split(':');
  return requests.flatMap((request, index): NewQuestion[] => {
    if (request.kind !== 'askUser') return [];
    const { call, askedBy } = request;
    const draft = 'question' in event ? event.question : readCallAt(event, call)?.question;
    if (!draft) throw unfit(event, call);
    return [{ ...draft, id: `q_${runId}_${revision}_${index}`, call, askedBy }];
  });
}

/** What was asked for, in short. */
export function askedOf(
  effects: readonly NewEffect[],
  questions: readonly NewQuestion[],
): AskedEffect[] {
  return [
    ...effects.map((effect) => {
      const { id, kind } = effect;
      return { id, kind, path: effect.kind === 'callModel' ? effect.agent : effect.call };
    }),
    ...questions.map(({ id, call: path }) => ({ id, kind: 'askUser' as const, path })),
  ];
}

/** The call of the reply in this event that stands at a path. */
export function readCallAt(event: RunEvent, path: Path) {
  if (event.type !== 'model.replied') return undefined;
  return event.calls.find(({ id }) => pathOf(event.agent, id) === path);
}

function unfit(event: RunEvent, call: Path): InvariantError {
  return new InvariantError(`"${event.type}" brought nothing for tool call "${call}".`);
}
