/**
 * Writes events as a stream of server-sent events, one text for each, with what goes wrong in it.
 */

import { type FaultParts, faultNamed, has } from './fault.ts';
import type { StreamEvent } from './stream-chat.ts';
import type { Wire } from './turn.ts';

export function eventStream(
  events: readonly StreamEvent[],
  wire: Wire,
  faults: readonly FaultParts[],
): string[] {
  const cut = has(faults, 'truncated_json') ? Math.floor(events.length / 2) : undefined;
  return interrupted(events, wire, faults).flatMap((event, index) => {
    const frame = written(event, index === cut, faults);
    const frames = has(faults, 'comments') ? [': keep-alive\n\n', '\n', frame] : [frame];
    return has(faults, 'crlf') ? frames.map((each) => each.replaceAll('\n', '\r\n')) : frames;
  });
}

function written(
  { event, data }: StreamEvent,
  isCut: boolean,
  faults: readonly FaultParts[],
): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  const space = has(faults, 'no_space') ? '' : ' ';
  const name = event === undefined ? '' : `event:${space}${event}\n`;
  return `${name}data:${space}${isCut ? text.slice(0, text.length / 2) : text}\n\n`;
}

/** The events up to an error, and the error. */
function interrupted(
  events: readonly StreamEvent[],
  wire: Wire,
  faults: readonly FaultParts[],
): readonly StreamEvent[] {
  const fault = faultNamed(faults, 'error_in_stream');
  if (fault === undefined) return events;
  const before = events.slice(0, fault.afterEvents ?? Math.floor(events.length / 2));
  const error = errorOf(fault);
  if (wire === 'chat') return [...before, { data: { error } }];
  const { message, param, code } = error;
  const numbered = { type: 'error', sequence_number: before.length };
  const data = fault.nested ? { ...numbered, error } : { ...numbered, code, message, param };
  return [...before, { event: 'error', data }];
}

/** What a server says that fails in the middle of a reply. */
export function errorOf({ message, code }: { readonly message?: string; readonly code?: string }) {
  return {
    message: message ?? 'The server had an error while processing your request. Sorry about that!',
    type: 'server_error',
    param: null,
    code: code ?? 'server_error',
  };
}
