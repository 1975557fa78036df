/**
 * Writes a reply as the chunks of a Chat Completions stream: the role, the text, the calls with
 * their arguments in pieces, the reason to finish, the usage.
 */

import { argumentsOf, finishReason, head, usage } from './completion.ts';
import { type FaultParts, has } from './fault.ts';
import { pieces, type SpokenTurn } from './spoken-turn.ts';

/** One event of a stream before it is written out: its data, and its name where it has one. */
export interface StreamEvent {
  readonly event?: string;
  /** Written as JSON; a string as it is. */
  readonly data: unknown;
}

interface CallDelta {
  index?: number;
  id?: string;
  type?: 'function';
  function?: { name?: string; arguments?: unknown };
}

interface ChatStream {
  readonly model: string;
  /** Whether `stream_options.include_usage` was asked for. */
  readonly includesUsage: boolean;
  readonly faults: readonly FaultParts[];
}

export function streamChat(spoken: SpokenTurn, stream: ChatStream): StreamEvent[] {
  const { faults, includesUsage } = stream;
  const withUsage = includesUsage && !has(faults, 'no_usage');
  const shared = {
    ...head(stream.model),
    object: 'chat.completion.chunk',
    service_tier: 'default',
    system_fingerprint: 'fp_0123456789',
  };
  const chunk = (choices: object[]) => ({
    data: { ...shared, choices, ...(withUsage ? { usage: null } : {}) },
  });
  const chosen = (delta: object, reason: string | null = null) =>
    chunk([{ index: 0, delta, logprobs: null, finish_reason: reason }]);
  const events = deltasOf(spoken, faults).map((delta) => chosen(delta));
  const reason = finishReason(spoken, faults);
  if (reason !== null) events.push(chosen({}, reason));
  const odd = has(faults, 'no_choices') ? [chunk([])] : events;
  const spread = has(faults, 'empty_choices') ? [chunk([]), ...withEmpty(odd, chunk([]))] : odd;
  return [
    ...spread,
    ...(withUsage ? [{ data: { ...shared, choices: [], usage: usage(spoken, faults) } }] : []),
    ...(has(faults, 'no_done') ? [] : [{ data: '[DONE]' }]),
  ];
}

function withEmpty(events: readonly StreamEvent[], empty: StreamEvent): StreamEvent[] {
  return events.flatMap((event) => [event, empty]);
}

function deltasOf(spoken: SpokenTurn, faults: readonly FaultParts[]): object[] {
  const { text, refusal, reasoning } = spoken;
  const role = has(faults, 'no_role') ? {} : { role: 'assistant' };
  const content = text === undefined && (spoken.calls.length > 0 || refusal) ? null : '';
  return [
    { ...role, content, refusal: null },
    ...pieces(reasoning ?? '').map((piece) => ({ reasoning_content: piece })),
    ...pieces(text ?? '').map((piece) => ({ content: piece })),
    ...pieces(refusal ?? '').map((piece) => ({ refusal: piece })),
    ...callDeltas(spoken, faults).map((delta) => ({ tool_calls: [delta] })),
  ];
}

function callDeltas({ calls }: SpokenTurn, faults: readonly FaultParts[]): CallDelta[] {
  const ofEach = calls.map((call, index) => deltasOfCall(call, index, faults));
  if (!has(faults, 'calls_interleaved')) return ofEach.flat();
  const longest = Math.max(0, ...ofEach.map((deltas) => deltas.length));
  return Array.from({ length: longest }, (_, round) =>
    ofEach.flatMap((deltas) => deltas[round] ?? []),
  ).flat();
}

type Call = SpokenTurn['calls'][number];

function deltasOfCall(call: Call, index: number, faults: readonly FaultParts[]): CallDelta[] {
  const args = argumentsOf(call.arguments, faults);
  const begun: CallDelta = { index, id: call.id, type: 'function' };
  const isWhole = has(faults, 'calls_whole') || typeof args !== 'string';
  const deltas: CallDelta[] = isWhole
    ? [{ ...begun, function: { name: call.name, arguments: args } }]
    : [
        { ...begun, function: { name: call.name, arguments: '' } },
        ...pieces(args).map((piece) => ({ index, function: { arguments: piece } })),
      ];
  for (const change of CHANGES) if (has(faults, change.name)) change.make(deltas, call);
  return deltas;
}

/** What providers do to the deltas of one call, in the order in which the changes are made. */
const CHANGES = [
  {
    name: 'id_repeated',
    make: (deltas, call) => {
      for (const delta of deltas) {
        delta.id = call.id;
        delta.type = 'function';
        delta.function = { ...delta.function, name: call.name };
      }
    },
  },
  {
    name: 'name_late',
    make: (deltas, call) => {
      for (const delta of deltas) delete delta.function?.name;
      const { index } = deltas[0] ?? {};
      deltas.push({ ...(index === undefined ? {} : { index }), function: { name: call.name } });
    },
  },
  {
    name: 'id_late',
    make: (deltas, call) => {
      const [first, second] = deltas;
      delete first?.id;
      if (second) second.id = call.id;
      else
        deltas.push({ ...(first?.index === undefined ? {} : { index: first.index }), id: call.id });
    },
  },
  {
    name: 'tail_on_other_index',
    make: (deltas, call) => {
      const last = deltas.at(-1);
      if (last === undefined || deltas.length < 2) return;
      last.index = (last.index ?? 0) + 1;
      last.id = call.id;
    },
  },
  {
    name: 'index_zero',
    make: (deltas) => {
      for (const delta of deltas) delta.index = 0;
    },
  },
  {
    name: 'no_index',
    make: (deltas) => {
      for (const delta of deltas) delete delta.index;
    },
  },
  {
    name: 'no_id',
    make: (deltas) => {
      for (const delta of deltas) delete delta.id;
    },
  },
] as const satisfies readonly {
  readonly name: string;
  readonly make: (deltas: CallDelta[], call: Call) => void;
}[];
