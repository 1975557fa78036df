/** Writes a transcript as a request of Chat Completions. */
import type { Capabilities } from '../capabilities.ts';
import type { AnsweredCall, ModelRequest, TranscriptMessage } from '../model.ts';
import type { Sampling } from '../options.ts';
import type { Remedy } from '../remedies.ts';
import type { WireRequest } from '../sendable.ts';
import { reasoningOf } from './reasoning.ts';

type WireMessage = WireRequest['messages'][number];

/**
 * The request for one reply.
 *
 * @param remedies what the server said it does not take
 */
export function chatRequest(
  model: string,
  { instructions, transcript, tools }: ModelRequest,
  sampling: Sampling,
  capabilities: Capabilities,
  remedies: ReadonlySet<Remedy>,
): WireRequest {
  const { systemRole, streamUsage, parallelToolCalls } = capabilities;
  const { temperature, maxOutputTokens } = sampling;
  const stream = sampling.stream && !remedies.has('stream');
  const reasoning =
    remedies.has('reasoning beside tools') && tools.length > 0 ? 'none' : sampling.reasoning;
  const optional = {
    ...(stream && streamUsage ? { stream_options: { include_usage: true } } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined
      ? {}
      : { [tokenBound(capabilities, remedies)]: maxOutputTokens }),
    ...(tools.length > 0 && sampling.parallelToolCalls !== undefined && parallelToolCalls
      ? { parallel_tool_calls: sampling.parallelToolCalls }
      : {}),
    ...(reasoning === undefined ? {} : { reasoning_effort: reasoning }),
  };
  const kept = Object.entries(optional).filter(([name]) => !remedies.has(name));
  const role = remedies.has('system role') ? 'developer' : systemRole;
  return {
    model,
    messages: [
      { role, content: instructions.toWellFormed() },
      ...transcript.flatMap((message) => wireMessages(model, message, capabilities)),
    ],
    ...(tools.length === 0
      ? {}
      : { tools: tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })) }),
    ...(stream ? { stream } : {}),
    ...Object.fromEntries(kept),
  };
}

/** Servers that do not know the one name know the other. */
function tokenBound({ maxTokens }: Capabilities, remedies: ReadonlySet<Remedy>): string {
  const other = maxTokens === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  return remedies.has(maxTokens) ? other : maxTokens;
}

function wireMessages(
  model: string,
  message: TranscriptMessage,
  capabilities: Capabilities,
): WireMessage[] {
  if (message.role === 'user') return [{ role: 'user', content: message.text.toWellFormed() }];
  const text = message.text?.toWellFormed() ?? null;
  const thoughts = reasoningOf(model, message, capabilities);
  if (message.calls.length === 0) {
    return [{ role: 'assistant', content: text ?? '', ...thoughts }];
  }
  return [
    {
      role: 'assistant',
      content: text ?? capabilities.emptyContent,
      ...thoughts,
      tool_calls: message.calls.map(wireCall),
    },
    ...message.calls.map(({ id, result }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: result === '' ? '(no output)' : result.toWellFormed(),
    })),
  ];
}

function wireCall({ id, name, arguments: args }: AnsweredCall) {
  return { id, type: 'function' as const, function: { name, arguments: args.toWellFormed() } };
}
