/** Reads the fields that a person fills in from a zod object. */
import type * as z from 'zod';
import type { Field } from '../../machines/vocabulary.ts';
import { DefinitionError } from '../errors.ts';
import { jsonSchemaOf } from './json-schema.ts';

/** The part of JSON Schema that a field can be made of. */
interface PropertySchema {
  readonly type?: string;
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly items?: PropertySchema;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/**
 * The fields of a zod object, in its order. A field's label is its description, else its name.
 *
 * @param asker who asks, for the error: `Tool "book_table"`
 * @throws DefinitionError `field_unsupported` for what a flat form cannot hold
 */
export function fieldsOf(asker: string, schema: z.ZodObject): Field[] {
  const { properties = {}, required = [] } = propertiesOf(asker, schema);
  return Object.entries(properties).map(([name, property]) => {
    const kind = kindOf(property as PropertySchema);
    if (!kind || name in Object.prototype) throw unsupported(asker, name);
    const { title, description } = property as PropertySchema;
    return {
      name,
      label: description ?? title ?? name,
      required: required.includes(name),
      ...kind,
    };
  });
}

function propertiesOf(asker: string, schema: z.ZodObject) {
  try {
    return jsonSchemaOf(schema);
  } catch (cause) {
    throw new DefinitionError(
      'field_unsupported',
      `What ${asker} asks the person cannot be written as JSON Schema.`,
      {},
      cause,
    );
  }
}

function kindOf(property: PropertySchema): Omit<Field, 'name' | 'label' | 'required'> | undefined {
  const { type, format, items } = property;
  if (property.enum) return choicesOf('choice', property.enum);
  if (type === 'array' && items?.enum) return choicesOf('choices', items.enum);
  if (type === 'boolean') return { type };
  if (type === 'integer' || type === 'number') {
    return { type, ...limits(property.minimum, property.maximum) };
  }
  if (type !== 'string') return undefined;
  if (format === 'date') return { type: 'date' };
  return { type, ...limits(property.minLength, property.maxLength) };
}

/** Only text can be chosen: what the person chose would come back as another value. */
function choicesOf(type: 'choice' | 'choices', values: readonly unknown[]) {
  const choices = values.filter((value) => typeof value === 'string');
  return choices.length === values.length ? ({ type, choices } as const) : undefined;
}

/** Zod writes the limits of safe integers, which need not be said. */
function limits(min: number | undefined, max: number | undefined): { min?: number; max?: number } {
  return {
    ...(min === undefined || min === Number.MIN_SAFE_INTEGER ? {} : { min }),
    ...(max === undefined || max === Number.MAX_SAFE_INTEGER ? {} : { max }),
  };
}

function unsupported(asker: string, name: string): DefinitionError {
  return new DefinitionError(
    'field_unsupported',
    `${asker} asks the person for "${name}", which no form can hold. A person can fill in text, numbers, yes/no, dates and choices.`,
  );
}
