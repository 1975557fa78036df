/** What items of the Responses API must be like to be taken back. */
import { isWellFormed } from '../unsendable.ts';
import type { WireItem } from './sendable.ts';

const idPrefixes = new Map<unknown, string>([
  ['message', 'msg'],
  ['function_call', 'fc'],
  ['function_call_output', 'fc'],
  ['reasoning', 'rs'],
]);

const textMax = 10_485_760;

/** Whether an item's id is one that the API gives to items of its kind. */
export function isItemId({ type, id }: WireItem): boolean {
  const prefix = idPrefixes.get(type ?? 'message');
  if (typeof id !== 'string' || prefix === undefined) return false;
  return /^[\w-]{1,64}$/.test(id) && id.startsWith(prefix);
}

/** Whether an item is reasoning that the API can read without having kept it. */
export function isReasoning(item: WireItem): boolean {
  const { type, summary, content, encrypted_content: sealed } = item;
  return (
    type === 'reasoning' &&
    isItemId(item) &&
    isList(summary, ({ type: kind, text }) => kind === 'summary_text' && isText(text)) &&
    (content == null || (Array.isArray(content) && content.length === 0)) &&
    isText(sealed) &&
    sealed !== ''
  );
}

/** Whether an item is a message as models write them, in parts. */
export function isOwnMessage({ type, role, content }: WireItem): boolean {
  const isPart = ({ type: kind, text, refusal }: Part) =>
    kind === 'refusal' ? isText(refusal) : kind === 'output_text' && isText(text);
  const isWritten = Array.isArray(content) && content.length > 0 && isList(content, isPart);
  return type === 'message' && role === 'assistant' && isWritten;
}

/** Whether reasoning can have led to an item. */
export function canFollowReasoning(next: WireItem | undefined): boolean {
  const { type, role } = next ?? {};
  return (
    type === 'reasoning' || type === 'function_call' || (type === 'message' && role === 'assistant')
  );
}

/**
 * Whether the items of a reply can be sent back as they are.
 *
 * @param seen the ids of the items that are sent before; those of the reply are added if it can
 */
export function canBeReplayed(items: readonly WireItem[], seen: Set<unknown>): boolean {
  const ids = items.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const areNew = new Set(ids).size === ids.length && !ids.some((id) => seen.has(id));
  const isWhole = items.every((item, index) => {
    if ('id' in item && !isItemId(item)) return false;
    if (item.type === 'reasoning') return isReasoning(item) && canFollowReasoning(items[index + 1]);
    return item.type === 'function_call' || isOwnMessage(item);
  });
  if (!areNew || !isWhole || !isWellFormed(items)) return false;
  for (const id of ids) seen.add(id);
  return true;
}

interface Part {
  readonly type?: unknown;
  readonly text?: unknown;
  readonly refusal?: unknown;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= textMax;
}

function isList(value: unknown, isFit: (part: Part) => boolean): boolean {
  const isPart = (part: unknown) => typeof part === 'object' && part !== null && isFit(part);
  return Array.isArray(value) && value.every(isPart);
}
