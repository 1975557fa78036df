/** Writes zod schemas as JSON Schema, which models, people and other systems are told. */
import * as z from 'zod';

/**
 * As text, so that whoever changes what it was given, as a model for its provider, changes it for nobody
 * else. A schema never changes, and writing it takes longer than all the rest of a definition.
 */
const written = new WeakMap<z.ZodType, string>();

/**
 * What may be given where the schema reads it, as JSON Schema 2020-12.
 *
 * @throws Error if JSON Schema cannot say it
 */
export function jsonSchemaOf(type: z.ZodType): z.core.JSONSchema.BaseSchema {
  const text = written.get(type) ?? textOf(type);
  written.set(type, text);
  return JSON.parse(text);
}

function textOf(type: z.ZodType): string {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io: 'input' });
  return JSON.stringify(schema);
}
