/** The events of a run's log as bodies, in snake_case. */
import type { z } from '@hono/zod-openapi';
import { answerJsonSchema, type LogEvent, type Run } from '../src/index.ts';
import type { eventSchema } from './schemas/events.ts';

/** An event as a body. The first of a run also says to what it belongs. */
export function eventBody(
  { id, sessionId, team }: Run,
  event: LogEvent,
): z.output<typeof eventSchema> {
  const { seq, type, at, agent, path } = event;
  const first = type === 'run.started' ? { session_id: sessionId, team } : {};
  const base = { run_id: id, seq, type, at: at.toISOString(), agent, path };
  // The compiler does not see that the data is that of the type.
  return { ...base, ...first, ...dataOf(event) } as z.output<typeof eventSchema>;
}

function dataOf(event: LogEvent): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case 'run.resumed':
    case 'run.paused':
    case 'run.cancelled':
    case 'member.started':
    case 'model.called':
    case 'model.restarted':
      return {};
    case 'run.started':
      return { message: event.message };
    case 'run.completed':
      return { final_content: event.content };
    case 'run.failed':
    case 'model.failed':
      return { error: event.failure };
    case 'model.retrying':
    case 'model.stalled': {
      const wakeAt = event.wakeAt === null ? null : new Date(event.wakeAt).toISOString();
      return { error: event.failure, attempt: event.attempt, wake_at: wakeAt };
    }
    case 'run.migrated':
      return { agents: event.agents, tools: event.tools };
    case 'member.ended':
      return { outcome: event.outcome };
    case 'state.entered':
      return { state: event.state };
    case 'model.replied':
      return repliedBody(event);
    case 'model.used':
      return { kind: event.kind, ...useBody(event) };
    case 'text.delta':
      return { text: event.text };
    case 'arguments.delta':
      return { index: event.index, text: event.text };
    case 'tool.started':
      return { tool_call_id: event.toolCallId, tool_name: event.toolName };
    case 'call.answered':
      return {
        tool_call_id: event.toolCallId,
        tool_name: event.toolName,
        source: event.source,
        result: event.result,
      };
    case 'question.opened':
      return { question: questionBody(event.question) };
    case 'question.answered':
    case 'question.expired':
    case 'question.cancelled':
      return { question_id: event.questionId };
  }
}

type Of<Type extends LogEvent['type']> = Extract<LogEvent, { readonly type: Type }>;

function repliedBody(event: Of<'model.replied'>) {
  const { text, calls, correction, insteadOf } = event;
  return {
    text,
    calls,
    ...useBody(event),
    ...(correction === undefined ? {} : { correction }),
    ...(insteadOf === undefined
      ? {}
      : { instead_of: insteadOf.map(({ model, failure }) => ({ model, error: failure })) }),
  };
}

function useBody({ usage, model, cost }: Of<'model.replied'> | Of<'model.used'>) {
  return {
    usage: {
      input_tokens: usage.inputTokens,
      cached_input_tokens: usage.cachedInputTokens ?? 0,
      output_tokens: usage.outputTokens,
      reasoning_tokens: usage.reasoningTokens ?? 0,
    },
    ...(model === undefined ? {} : { model }),
    ...(cost === undefined ? {} : { cost }),
  };
}

/** The names are those of a question's body elsewhere. */
function questionBody(question: Of<'question.opened'>['question']) {
  return {
    id: question.id,
    tool_call_id: question.toolCallId,
    tool_name: question.toolName,
    arguments: question.arguments,
    reason: question.reason,
    prompt: question.prompt,
    fields: question.fields,
    schema: answerJsonSchema(question.fields),
    ...(question.expiresAt
      ? { expires_at: question.expiresAt.toISOString(), on_expiry: question.onExpiry }
      : {}),
  };
}
