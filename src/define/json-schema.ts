/** Writes zod schemas as JSON Schema, which models, people and other systems are told. */
import * as z from 'zod';

/** A schema never changes, and writing it takes longer than all the rest of a definition. */
const written = new WeakMap<z.ZodType, z.core.JSONSchema.BaseSchema>();

/**
 * What may be given where the schema reads it, as JSON Schema 2020-12.
 *
 * @throws Error if JSON Schema cannot say it
 */
export function jsonSchemaOf(type: z.ZodType): z.core.JSONSchema.BaseSchema {
  const known = written.get(type);
  if (known) return known;
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io: 'input' });
  written.set(type, schema);
  return schema;
}
