/** What a step adds to its run's log: what a reader needs to follow the run from outside. */
import type { ChartRequest } from '../machines/effects.ts';
import { pathOf, type RunStatus } from '../machines/vocabulary.ts';
import type { RunEvent } from './stores/events.ts';
import type { NewLogEntry } from './stores/rows.ts';

const endings: Partial<Record<RunStatus, string>> = {
  input_required: 'run.paused',
  completed: 'run.completed',
  failed: 'run.failed',
  cancelled: 'run.cancelled',
};

/**
 * The log entries of one step, in the order in which things happened.
 *
 * @param who the name of the agent to whom the event happened
 */
export function logOf(
  team: string,
  who: string,
  event: RunEvent,
  requests: readonly ChartRequest[],
  status: RunStatus,
): NewLogEntry[] {
  const ending = endings[status];
  return [
    happened(who, event),
    ...requests.flatMap(asked),
    ...(ending ? [{ type: ending, agent: team, data: {} }] : []),
  ];
}

function happened(agent: string, event: RunEvent): NewLogEntry {
  const path = 'agent' in event ? event.agent : 'call' in event ? event.call : '';
  switch (event.type) {
    case 'run.started':
      return { type: event.type, agent, data: { message: event.message } };
    case 'model.replied': {
      const calls = event.calls.map(({ id, name, intent }) => ({
        path: pathOf(event.agent, id),
        name,
        intent,
      }));
      return { type: event.type, agent, data: { path, text: event.text, calls } };
    }
    case 'model.failed':
      return { type: event.type, agent, data: { path, ...event.failure } };
    case 'user.answered':
      return { type: event.type, agent, data: { path, question_id: event.questionId } };
    default:
      return { type: event.type, agent, data: { path } };
  }
}

function asked(request: ChartRequest): NewLogEntry[] {
  switch (request.kind) {
    case 'callModel':
      return [{ type: 'model.called', agent: request.name, data: { path: request.agent } }];
    case 'runTool':
      return [{ type: 'tool.started', agent: request.askedBy, data: { path: request.call } }];
    case 'askUser':
      return [
        {
          type: 'question.opened',
          agent: request.askedBy,
          data: { path: request.call },
        },
      ];
    case 'recordReport':
      return [
        {
          type: 'member.ended',
          agent: request.name,
          data: { path: request.agent, outcome: request.outcome },
        },
      ];
    case 'briefMember':
      return [];
    case 'recordResult':
      return [
        {
          type: 'call.answered',
          agent: request.askedBy,
          data: { path: request.call, source: request.source },
        },
      ];
  }
}
