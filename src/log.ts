/** What a step adds to its run's log: what a reader needs to follow the run from outside. */
import type { ChartRequest } from '../machines/effects.ts';
import { type Path, pathOf } from '../machines/vocabulary.ts';
import { loggedResultMax, type NewLogEvent, usedEvent } from './log-events.ts';
import { agentStates } from './saved-tree.ts';
import { discardedBy, readCallAt } from './step-rows.ts';
import type { RunEvent } from './stores/events.ts';
import type { SavedRun, StepChange } from './stores/rows.ts';

/** What a step is made of. */
export interface LoggedStep {
  readonly run: SavedRun;
  readonly event: RunEvent;
  /** The name of the agent to whom the event happened. */
  readonly who: string;
  /** Whether only the person could move the run before. */
  readonly wasPaused: boolean;
  readonly requests: readonly ChartRequest[];
  readonly change: Omit<StepChange, 'log'>;
}

/** The events of one step, in the order in which things happened. */
export function logOf(step: LoggedStep): NewLogEvent[] {
  const { run, wasPaused, requests, change } = step;
  const before = agentStates(run.snapshot);
  const asked = asking(step, before);
  const resumed = wasPaused && change.status === 'working';
  return [
    ...happened(step),
    ...(resumed ? [{ type: 'run.resumed', agent: run.team, path: '' } as const] : []),
    ...requests.flatMap(asked),
    ...statesEntered(before, agentStates(change.snapshot)),
    ...settled(run.team, change),
  ];
}

function happened({ event, who: agent }: LoggedStep): NewLogEvent[] {
  const discarded = discardedBy(event, agent).map((use) => usedEvent('discarded', use));
  switch (event.type) {
    case 'run.started':
      return [{ type: event.type, agent, path: '', message: event.message }];
    case 'model.replied': {
      const { agent: path, text, usage, model, costMicros, correction, insteadOf } = event;
      const calls = event.calls.map(({ id, name, arguments: args, intent }) => {
        return { id, path: pathOf(path, id), name, arguments: args, intent };
      });
      const more = {
        ...(model === undefined ? {} : { model }),
        ...(costMicros === undefined ? {} : { cost: costMicros / 1_000_000 }),
        ...(correction === undefined ? {} : { correction }),
        ...(insteadOf === undefined ? {} : { insteadOf }),
      };
      return [...discarded, { type: event.type, agent, path, text, calls, usage, ...more }];
    }
    case 'model.failed':
      return [...discarded, { type: event.type, agent, path: event.agent, failure: event.failure }];
    case 'user.answered':
    case 'question.expired': {
      const type = event.type === 'user.answered' ? 'question.answered' : event.type;
      return [{ type, agent, path: event.call, questionId: event.questionId }];
    }
    // What these bring is told with what came of it: a result, a question, an end.
    case 'tool.finished':
    case 'tool.asked':
    case 'tool.outcomeUnknown':
    case 'run.failed':
    case 'run.cancelled':
      return [];
  }
}

type Asking = (request: ChartRequest) => NewLogEvent[];

function asking(step: LoggedStep, before: ReadonlyMap<Path, AgentState>): Asking {
  const { run, event, change } = step;
  const callAt = (path: Path) => readCallAt(event, path) ?? run.toolCall(path);
  const about = (path: Path) => ({
    path,
    toolCallId: path.slice(path.lastIndexOf('/') + 1),
    toolName: callAt(path).name,
  });
  return (request) => {
    switch (request.kind) {
      case 'callModel': {
        const whom = { agent: request.name, path: request.agent };
        const begins = request.agent !== '' && !before.has(request.agent);
        const started = begins ? [{ type: 'member.started', ...whom } as const] : [];
        return [...started, { type: 'model.called', ...whom }];
      }
      case 'runTool':
        return [{ type: 'tool.started', agent: request.askedBy, ...about(request.call) }];
      case 'askUser':
        return opened(change, request, { ...about(request.call), ...callAt(request.call) });
      case 'recordReport':
        return [
          {
            type: 'member.ended',
            agent: request.name,
            path: request.agent,
            outcome: request.outcome,
          },
        ];
      case 'briefMember':
        return [];
      case 'recordResult': {
        const { call, askedBy: agent, source } = request;
        const questionId = source === 'cancellation' ? run.openQuestion(call) : undefined;
        const result = cut(change.results.find((one) => one.call === call)?.result ?? '');
        return [
          ...(questionId === undefined
            ? []
            : [{ type: 'question.cancelled', agent, path: call, questionId } as const]),
          { type: 'call.answered', agent, ...about(call), source, result },
        ];
      }
    }
  };
}

function opened(
  { questions }: LoggedStep['change'],
  { call: path, askedBy: agent }: Extract<ChartRequest, { kind: 'askUser' }>,
  call: { readonly toolCallId: string; readonly toolName: string; readonly arguments: string },
): NewLogEvent[] {
  const { toolCallId, toolName, arguments: args } = call;
  return questions
    .filter((question) => question.call === path)
    .map(({ id, reason, prompt, fields, deadline }) => {
      const shown = { id, toolCallId, toolName, arguments: args, reason, prompt, fields };
      const question = { ...shown, ...(deadline ? { deadline } : {}) };
      return { type: 'question.opened', agent, path, question };
    });
}

type AgentState = { readonly name: string; readonly state: string };

function statesEntered(
  before: ReadonlyMap<Path, AgentState>,
  after: ReadonlyMap<Path, AgentState>,
): NewLogEvent[] {
  return [...after].flatMap(([path, { name, state }]): NewLogEvent[] =>
    before.get(path)?.state === state ? [] : [{ type: 'state.entered', agent: name, path, state }],
  );
}

function settled(agent: string, { status, content, failure }: LoggedStep['change']): NewLogEvent[] {
  const run = { agent, path: '' };
  switch (status) {
    case 'working':
      return [];
    case 'input_required':
      return [{ type: 'run.paused', ...run }];
    case 'completed':
      return [{ type: 'run.completed', ...run, content: content ?? '' }];
    case 'failed': {
      const unknown = { code: 'internal_error', message: 'The run failed.' } as const;
      return [{ type: 'run.failed', ...run, failure: failure ?? unknown }];
    }
    case 'cancelled':
      return [{ type: 'run.cancelled', ...run }];
  }
}

function cut(result: string): string {
  if (result.length <= loggedResultMax) return result;
  return `${result.slice(0, loggedResultMax).toWellFormed()}\n(cut after ${loggedResultMax} characters)`;
}
