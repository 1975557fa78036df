/** Random conversations that a run may have stored, and random harm to the requests made of them. */
import * as fc from 'fast-check';
import type {
  AnsweredCall,
  ModelRequest,
  TranscriptMessage,
  Verbatim,
} from '../../src/models/model.ts';
import { encrypt, itemId, newReply } from '../../src/testing/item-ids.ts';

export const model = 'gpt-5';

const texts = fc.oneof(
  fc.constantFrom('Tea.', '', '🍵', '{"a":1}', 'null'),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);

const calls = fc.array(
  fc.record({
    name: fc.constantFrom('look_up', 'buy', 'x'.repeat(64)),
    arguments: fc.constantFrom('{}', '{"w":"tea"}', '{"n":[2,{"m":null}]}'),
    result: texts,
  }),
  { maxLength: 3 },
);

const replies = fc.record({
  text: fc.option(texts),
  calls,
  /** Whether its items were kept, and whether the model reasoned. */
  kept: fc.boolean(),
  reasons: fc.boolean(),
  /** What is wrong with what was kept. */
  flaw: fc.constantFrom(
    'nothing',
    'nothing',
    'nothing',
    'another model wrote it',
    'its reasoning is not sealed',
    'it ends with reasoning',
    'it has half a character',
    'it lacks a call',
    'it has a call too many',
    'its ids are no ids',
    'its ids came before',
  ),
});

type RandomReply = typeof replies extends fc.Arbitrary<infer Value> ? Value : never;

const turns = fc.array(fc.oneof(texts, replies), { minLength: 1, maxLength: 8 });

/** Some servers count each reply's items from nothing, so that all replies have the same ids. */
const sameReply = newReply();

/** The items of a reply as the server writes them, its calls under ids that were remapped later. */
function verbatimOf({ text, calls: made, reasons, flaw }: RandomReply): Verbatim {
  const writer = flaw === 'another model wrote it' ? 'gpt-4' : model;
  const reply = flaw === 'its ids came before' ? sameReply : newReply();
  const items: Fields[] = [];
  const id = (kind: 'rs' | 'msg' | 'fc') =>
    itemId(kind, { reply, place: items.length, reasoned: reasons });
  if (reasons) {
    const own = id('rs');
    const sealed = { encrypted_content: encrypt('Hm.', own, writer) };
    items.push({ type: 'reasoning', id: own, summary: [], ...sealed });
  }
  if (text) {
    const content = [{ type: 'output_text', annotations: [], text: text.toWellFormed() }];
    items.push({ type: 'message', id: id('msg'), role: 'assistant', status: 'completed', content });
  }
  const unread = flaw === 'it has a call too many' ? [{ name: 'buy', arguments: '{}' }] : [];
  for (const { name, arguments: args } of [...made, ...unread]) {
    items.push({ type: 'function_call', id: id('fc'), call_id: 'theirs', name, arguments: args });
  }
  return { model: writer, items: flawed(items, flaw) };
}

function flawed(items: readonly Fields[], flaw: RandomReply['flaw']): Fields[] {
  const isReasoning = ({ type }: Fields) => type === 'reasoning';
  switch (flaw) {
    case 'its reasoning is not sealed':
      return items.map((item) => (isReasoning(item) ? { ...item, encrypted_content: null } : item));
    case 'it ends with reasoning':
      return [...items, ...items.filter(isReasoning).map((item) => ({ ...item, id: 'rs_last' }))];
    case 'it has half a character':
      return items.map((item) => ({ ...item, note: '\ud83d' }));
    case 'it lacks a call':
      return items.filter(({ type }) => type !== 'function_call');
    case 'its ids are no ids':
      return items.map((item) => ({ ...item, id: `${item['id']} ` }));
    default:
      return [...items];
  }
}

/** A request that the charts could make: it starts with the person, and no reply is empty. */
export const requests: fc.Arbitrary<ModelRequest> = fc
  .tuple(turns, fc.constantFrom(0, 1, 128))
  .map(([list, toolCount]) => {
    const transcript: TranscriptMessage[] = [{ role: 'user', text: 'Hello' }];
    for (const [at, turn] of list.entries()) {
      if (typeof turn === 'string') {
        transcript.push({ role: 'user', text: turn });
        continue;
      }
      const answered: AnsweredCall[] = turn.calls.map((call, index) => ({
        id: `call_${at}_${index}`,
        ...call,
      }));
      const text = turn.calls.length === 0 ? turn.text || 'Well.' : turn.text;
      const verbatim = turn.kept ? { verbatim: verbatimOf({ ...turn, text }) } : {};
      transcript.push({ role: 'assistant', text, calls: answered, ...verbatim });
    }
    const tools = Array.from({ length: toolCount }, (_, at) => ({
      name: `tool_${at}`,
      description: 'A tool.',
      parameters: { type: 'object', properties: {} },
    }));
    return { instructions: 'You are "Desk".', transcript, tools };
  });

/** A place in a list, whatever its length. */
const place = fc.nat({ max: 40 });

const fields = [
  'role',
  'type',
  'content',
  'name',
  'id',
  'call_id',
  'tool_call_id',
  'tool_calls',
  'arguments',
  'output',
  'summary',
  'encrypted_content',
  'function',
];

const values: readonly unknown[] = [
  undefined,
  null,
  '',
  'x',
  'a b',
  'fc_x',
  'rs_x',
  'msg_x',
  'call_0_0',
  'x'.repeat(41),
  'x'.repeat(65),
  '\ud83d',
  '{"a',
  'user',
  'tool',
  'assistant',
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'item_reference',
  7,
  true,
  {},
  [],
  [{}],
  [{ type: 'output_text', text: 'x' }],
];

const options: readonly Readonly<Record<string, unknown>>[] = [
  { tools: undefined },
  { tools: [] },
  { tools: null },
  { tools: [{ type: 'function', name: 'a b', function: { name: 'a b' } }] },
  { tools: Array.from({ length: 129 }, () => ({ type: 'function', name: 'f', parameters: {} })) },
  { tool_choice: 'auto' },
  { parallel_tool_calls: true },
  { stream_options: { include_usage: true }, stream: undefined },
  { model: '' },
  { model: undefined },
  { instructions: '\udc00' },
  { messages: [], input: [] },
];

/** What happens to a request. */
export const harms = fc.array(
  fc.oneof(
    fc.record({ how: fc.constantFrom('drop', 'repeat', 'interrupt'), at: place }),
    fc.record({ how: fc.constantFrom('swap', 'copy'), at: place, to: place }),
    fc.record({
      how: fc.constantFrom('set', 'setInCall', 'setInFunction'),
      at: place,
      field: fc.constantFrom(...fields),
      value: fc.constantFrom(...values),
    }),
    fc.record({ how: fc.constant('option'), option: fc.constantFrom(...options) }),
  ),
  { maxLength: 3 },
);

export type Harm = typeof harms extends fc.Arbitrary<readonly (infer Value)[]> ? Value : never;
type Fields = Record<string, unknown>;

/** Does harm to a request, whose conversation is in the field `list`. */
export function harmed(request: Fields, list: 'messages' | 'input', done: readonly Harm[]): Fields {
  const copy = structuredClone(request);
  for (const harm of done) {
    if ('option' in harm) Object.assign(copy, harm.option);
    else harmList(copy[list], harm);
  }
  return JSON.parse(JSON.stringify(copy));
}

function harmList(entries: unknown, harm: Exclude<Harm, { readonly option: unknown }>): void {
  if (!Array.isArray(entries) || entries.length === 0) return;
  const at = harm.at % entries.length;
  if ('field' in harm) {
    const target = targetOf(entries[at], harm.how, harm.at);
    if (target) target[harm.field] = structuredClone(harm.value);
    return;
  }
  const [entry] = entries.slice(at);
  if (harm.how === 'drop') entries.splice(at, 1);
  if (harm.how === 'repeat') entries.splice(at, 0, structuredClone(entry));
  if (harm.how === 'interrupt') entries.splice(at, 0, { role: 'user', content: 'Hurry.' });
  if (!('to' in harm)) return;
  const to = harm.to % entries.length;
  if (harm.how === 'copy') entries.splice(to, 0, structuredClone(entry));
  else [entries[at], entries[to]] = [entries[to], entries[at]];
}

function targetOf(entry: unknown, how: string, at: number): Fields | undefined {
  if (how === 'set') return isFields(entry) ? entry : undefined;
  const made = isFields(entry) ? entry['tool_calls'] : undefined;
  const call: unknown = Array.isArray(made) ? made[at % made.length] : undefined;
  if (!isFields(call)) return undefined;
  const inner = how === 'setInFunction' ? call['function'] : call;
  return isFields(inner) ? inner : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
