/**
 * What a person has filled in so far, and the values that are sent of it. Whether they fit is the
 * server's to say; nothing is corrected here, and nothing that was written is thrown away.
 */
import type { FieldBody } from 'cadenza/client';
import { fieldsOfSchema } from './schema-fields.ts';

/** What stands in a field's control: text, yes or no, what was chosen, or the fields of an object. */
export type Filled = string | boolean | readonly string[] | Draft | undefined;

/** By field name. */
export interface Draft {
  readonly [field: string]: Filled;
}

/** What does not fit, by a pointer from the answer's root. */
export type Misfits = ReadonlyMap<string, string>;

interface Read {
  readonly values: Record<string, unknown>;
  readonly misfits: Map<string, string>;
}

/** The values of a draft. Only text that should be JSON and is not is a misfit already. */
export function readDraft(fields: readonly FieldBody[], draft: Draft, at = ''): Read {
  const read: Read = { values: {}, misfits: new Map() };
  for (const field of fields) {
    const pointer = at + pointerTo(field.name);
    const value = sentValue(field, draft[field.name], pointer, read.misfits);
    if (value !== undefined) read.values[field.name] = value;
  }
  return read;
}

function sentValue(
  field: FieldBody,
  filled: Filled,
  pointer: string,
  misfits: Map<string, string>,
): unknown {
  switch (field.type) {
    case 'integer':
    case 'number':
      return numberOf(String(filled ?? '').trim());
    case 'choices': {
      const chosen = Array.isArray(filled) ? filled : [];
      return chosen.length > 0 || field.required ? chosen : undefined;
    }
    case 'object':
      return objectOf(field, filled, pointer, misfits);
    case 'string':
      // An empty text is an answer to a question that must be answered, and the server's to refuse.
      return filled || !field.required ? filled || undefined : '';
    default:
      return filled === '' ? undefined : filled;
  }
}

/** Text that is no number is sent as it is: the server says what is wrong with it. */
function numberOf(text: string): number | string | undefined {
  if (text === '') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

function objectOf(
  field: Extract<FieldBody, { readonly type: 'object' }>,
  filled: Filled,
  pointer: string,
  misfits: Map<string, string>,
): unknown {
  if (typeof filled !== 'string') {
    if (filled === undefined) return undefined;
    const inside = readDraft(fieldsOfSchema(field.schema) ?? [], filled as Draft, pointer);
    for (const [at, message] of inside.misfits) misfits.set(at, message);
    return inside.values;
  }
  if (filled.trim() === '') return undefined;
  try {
    return JSON.parse(filled);
  } catch {
    misfits.set(pointer, 'is not JSON');
    return undefined;
  }
}

/** A JSON pointer to one key. */
export function pointerTo(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** What does not fit a value, or something inside it. */
export function misfitAt(misfits: Misfits, pointer: string): string | undefined {
  for (const [at, message] of misfits) {
    if (at === pointer || at.startsWith(`${pointer}/`)) return message;
  }
  return undefined;
}

/** Drafts of the questions that are still open, so that looking elsewhere loses nothing. */
export const drafts = new Map<string, Draft>();
