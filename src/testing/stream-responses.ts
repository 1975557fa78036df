/**
 * Writes a response as the events of a Responses stream, in the API's order and numbered: created,
 * in progress, each item with its parts, and one closing event.
 */

import { type FaultParts, has } from './fault.ts';
import type {
  CallItem,
  MessageItem,
  OutputItem,
  OutputRefusal,
  OutputText,
  ReasoningItem,
  ResponseObject,
} from './responses-reply.ts';
import { pieces } from './spoken-turn.ts';
import type { StreamEvent } from './stream-chat.ts';

/** An event before it is numbered. */
type Event = { readonly type: string; readonly [field: string]: unknown };

export function streamResponses(
  response: ResponseObject,
  faults: readonly FaultParts[],
): StreamEvent[] {
  const { usage: _, ...rest } = response;
  const begun = {
    ...rest,
    status: 'in_progress',
    completed_at: null,
    error: null,
    incomplete_details: null,
    output: [],
  };
  const closing = has(faults, 'output_empty') ? { ...response, output: [] } : response;
  const events: Event[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...response.output.flatMap(itemEvents),
    ...(has(faults, 'finish_null')
      ? []
      : [{ type: `response.${response.status}`, response: closing }]),
  ];
  return events.map(({ type, ...fields }, index) => ({
    event: type,
    data: { type, sequence_number: index, ...fields },
  }));
}

function itemEvents(item: OutputItem, output_index: number): Event[] {
  const place = { item_id: item.id, output_index };
  const added = (begun: object) => ({
    type: 'response.output_item.added',
    output_index,
    item: begun,
  });
  const done = { type: 'response.output_item.done', output_index, item };
  switch (item.type) {
    case 'reasoning':
      // The seal of an item that has only been added is not the one that counts.
      return [
        added({
          ...item,
          summary: [],
          ...(item.encrypted_content ? { encrypted_content: '' } : {}),
        }),
        ...item.summary.flatMap((part, index) => summaryEvents(part, index, place)),
        done,
      ];
    case 'message':
      return [
        added({ ...item, status: 'in_progress', content: [] } satisfies MessageItem),
        ...item.content.flatMap((part, index) => partEvents(part, index, place)),
        done,
      ];
    case 'function_call':
      return [
        added({ ...item, status: 'in_progress', arguments: '' } satisfies CallItem),
        ...argumentEvents(item, place),
        done,
      ];
  }
}

interface Place {
  readonly item_id: string;
  readonly output_index: number;
}

function summaryEvents(
  part: ReasoningItem['summary'][number],
  summary_index: number,
  itemPlace: Place,
): Event[] {
  const place = { ...itemPlace, summary_index };
  const { text } = part;
  return [
    { type: 'response.reasoning_summary_part.added', ...place, part: { ...part, text: '' } },
    ...pieces(text).map((delta) => ({
      type: 'response.reasoning_summary_text.delta',
      ...place,
      delta,
    })),
    { type: 'response.reasoning_summary_text.done', ...place, text },
    { type: 'response.reasoning_summary_part.done', ...place, part },
  ];
}

function partEvents(
  part: OutputText | OutputRefusal,
  content_index: number,
  itemPlace: Place,
): Event[] {
  const place = { ...itemPlace, content_index };
  const inner: Event[] =
    part.type === 'refusal'
      ? [
          ...pieces(part.refusal).map((delta) => ({
            type: 'response.refusal.delta',
            ...place,
            delta,
          })),
          { type: 'response.refusal.done', ...place, refusal: part.refusal },
        ]
      : [
          ...pieces(part.text).map((delta) => ({
            type: 'response.output_text.delta',
            ...place,
            delta,
            logprobs: [],
          })),
          { type: 'response.output_text.done', ...place, text: part.text, logprobs: [] },
        ];
  const empty = part.type === 'refusal' ? { ...part, refusal: '' } : { ...part, text: '' };
  return [
    { type: 'response.content_part.added', ...place, part: empty },
    ...inner,
    { type: 'response.content_part.done', ...place, part },
  ];
}

function argumentEvents({ name, arguments: args }: CallItem, place: Place): Event[] {
  const deltas: unknown[] = typeof args === 'string' ? pieces(args) : [args];
  return [
    ...deltas.map((delta) => ({
      type: 'response.function_call_arguments.delta',
      ...place,
      delta,
    })),
    { type: 'response.function_call_arguments.done', ...place, name, arguments: args },
  ];
}
