/** The fields by which a person can fill in an object, where its JSON Schema is flat enough for them. */
import type { FieldBody } from 'cadenza/client';
import type { Draft, Filled } from './draft.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The fields of an object's schema; undefined where only JSON can say it. */
export function fieldsOfSchema(schema: Schema): readonly FieldBody[] | undefined {
  const { type, properties, additionalProperties, required = [] } = schema;
  const isFlat = type === 'object' && isObject(properties) && !isObject(additionalProperties);
  if (!isFlat) return undefined;
  const entries = Object.entries(properties);
  const fields = entries.map(([name, one]) =>
    fieldOf(name, one, (required as readonly string[]).includes(name)),
  );
  return fields.length > 0 && fields.every((field) => field !== undefined) ? fields : undefined;
}

function fieldOf(name: string, schema: unknown, required: boolean): FieldBody | undefined {
  if (!isObject(schema)) return undefined;
  const { type, enum: choices, format, title, description } = schema;
  const label = String(title ?? description ?? name);
  const field = { name, label, required };
  switch (type) {
    case 'boolean':
      return { type, ...field };
    case 'integer':
    case 'number':
      return { type, ...field, ...limits(schema['minimum'], schema['maximum']) };
    case 'string':
      if (isTexts(choices)) return { type: 'choice', ...field, choices };
      if (format === 'date') return { type: 'date', ...field };
      return { type, ...field, ...limits(schema['minLength'], schema['maxLength']) };
    default:
      return undefined;
  }
}

function limits(min: unknown, max: unknown) {
  return {
    ...(typeof min === 'number' ? { min } : {}),
    ...(typeof max === 'number' ? { max } : {}),
  };
}

/**
 * Arguments as a draft of their fields, or as JSON text: also where the fields could not show all
 * that is there, or not exactly.
 */
export function draftOfJson(json: string, schema: Schema): Draft | string {
  const fields = fieldsOfSchema(schema);
  const value = parsed(json);
  if (!fields || !isObject(value) || !isExact(json, value)) return pretty(json);
  const known = new Set(fields.map(({ name }) => name));
  const entries = Object.entries(value).map(([name, one]) => [name, filledOf(one)] as const);
  const fits = entries.every(([name, filled]) => known.has(name) && filled !== undefined);
  return fits ? Object.fromEntries(entries) : pretty(json);
}

function filledOf(value: unknown): Filled {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** JSON text with line breaks, where nothing is lost by it; otherwise as it is. */
export function pretty(json: string): string {
  const value = parsed(json);
  return isExact(json, value) ? JSON.stringify(value, null, 2) : json;
}

/** Whether a value says all that its text says: a number may be too long, a key may stand twice. */
function isExact(json: string, value: unknown): boolean {
  // What is in quotes stays as it is; space around it says nothing.
  const compact = json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
  return value !== undefined && JSON.stringify(value) === compact;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
