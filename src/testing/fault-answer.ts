/**
 * The answers of HTTP that stand in place of a reply when a fault asks for one, in OpenAI's words
 * where they are known.
 */

import { type Answer, plainAnswer } from './answer.ts';
import { errorOf } from './event-stream.ts';
import { type FaultParts, faultNamed, has } from './fault.ts';
import { Refused } from './refused.ts';
import { unreadableReasoning } from './refused-responses.ts';
import { tokensOf } from './spoken-turn.ts';
import {
  contextExceeded,
  HTML,
  page,
  quotaExceeded,
  statusAnswer,
  statusRefusal,
} from './status-answer.ts';
import type { ModelRequest } from './turn.ts';

/** Whether a fault has anything to do with a request. `length` is that of its text. */
export function concerns(fault: FaultParts, request: ModelRequest, length: number): boolean {
  switch (fault.name) {
    case 'unsupported_parameter':
      return Reflect.get(request.body, fault.param) !== undefined;
    case 'context_length':
      return fault.tokensMax === undefined || tokensOf(length) > fault.tokensMax;
    case 'no_system_role':
      return request.wire === 'chat' && request.body.messages.some(({ role }) => role === 'system');
    case 'invalid_encrypted_content':
      return sealOf(request) !== undefined;
    default:
      return true;
  }
}

/** The answer that a fault gives instead of a reply, or `undefined` where the model replies. */
export function faultAnswer(
  faults: readonly FaultParts[],
  request: ModelRequest,
  length: number,
): Answer | undefined {
  const refused = refusalOf(faults, request, length);
  if (refused !== undefined) return plainAnswer(refused.status, refused.body);
  const limit = faultNamed(faults, 'rate_limit');
  if (limit !== undefined) {
    return plainAnswer(429, statusRefusal(429, request.body.model).body, {
      ...(limit.retryAfter === undefined ? {} : { 'retry-after': limit.retryAfter }),
      ...(limit.retryAfterMs === undefined ? {} : { 'retry-after-ms': limit.retryAfterMs }),
    });
  }
  const status = faultNamed(faults, 'status');
  if (status !== undefined) return statusAnswer(status, request.body.model);
  if (has(faults, 'html_200')) return plainAnswer(200, page('Sign in to continue'), HTML);
  if (has(faults, 'error_200')) return plainAnswer(200, { error: errorOf({}) });
  if (has(faults, 'empty_200')) return plainAnswer(200, '', { 'content-type': 'application/json' });
  const inStream = faultNamed(faults, 'error_in_stream');
  if (inStream !== undefined && request.body.stream !== true) {
    return plainAnswer(200, { error: errorOf(inStream) });
  }
  return undefined;
}

function refusalOf(
  faults: readonly FaultParts[],
  request: ModelRequest,
  length: number,
): Refused | undefined {
  const unsupported = faultNamed(faults, 'unsupported_parameter');
  if (unsupported !== undefined) {
    const { param } = unsupported;
    const what = `Unsupported parameter: '${param}' is not supported with this model.`;
    return new Refused(what, { param, code: 'unsupported_parameter' });
  }
  const context = faultNamed(faults, 'context_length');
  if (context !== undefined) return contextExceeded(request.wire, length, context.tokensMax);
  if (has(faults, 'no_system_role')) {
    const what = "Unsupported value: 'messages[0].role' does not support 'system' with this model.";
    return new Refused(what, { param: 'messages[0].role', code: 'unsupported_value' });
  }
  const seal = sealOf(request);
  if (has(faults, 'invalid_encrypted_content') && seal !== undefined) {
    return unreadableReasoning(seal);
  }
  return has(faults, 'insufficient_quota') ? quotaExceeded() : undefined;
}

function sealOf({ wire, body }: ModelRequest): string | undefined {
  if (wire === 'chat' || typeof body.input === 'string') return undefined;
  const sealed = body.input.find((item) => item.type === 'reasoning' && item.encrypted_content);
  return sealed?.type === 'reasoning' ? (sealed.encrypted_content ?? undefined) : undefined;
}
