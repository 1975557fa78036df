/**
 * Judges the schemas of tools: each is an object that names its properties. Where a tool is declared
 * `strict`, every object must close itself and require every property that it has.
 */

import { Refused } from './refused.ts';

interface DeclaredTool {
  readonly name: string;
  readonly parameters?: unknown;
  readonly strict?: boolean | null | undefined;
}

/** `field` is where a tool of this wire keeps its schema. */
export function judgeTools(
  tools: readonly (DeclaredTool | undefined)[],
  field: 'parameters' | 'function.parameters',
): void {
  for (const [index, tool] of tools.entries()) {
    const mistake = tool && mistakeOf(tool);
    if (mistake === undefined) continue;
    throw new Refused(`Invalid schema for function '${tool?.name}': ${mistake}`, {
      param: `tools[${index}].${field}`,
      code: 'invalid_function_parameters',
    });
  }
}

/** A tool may have no schema at all: then it takes nothing. */
function mistakeOf({ parameters, strict }: DeclaredTool): string | undefined {
  if (!isObject(parameters)) return undefined;
  const { type = 'None', properties } = parameters;
  if (type !== 'object') {
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${type}"'.`;
  }
  if (!isObject(properties)) return 'In context=(), object schema missing properties.';
  const mistake = strict === true ? mistakeIn(parameters, []) : undefined;
  return mistake && `In context=(${mistake.context}), ${mistake.what}`;
}

interface Mistake {
  readonly context: string;
  readonly what: string;
}

/** The API takes schemas of a few levels; what lies deeper than this is not looked at. */
const DEPTH_MAX = 64;

function mistakeIn(schema: unknown, path: readonly string[]): Mistake | undefined {
  if (path.length > DEPTH_MAX) return undefined;
  if (Array.isArray(schema)) {
    return first(schema.map((each, index) => () => mistakeIn(each, [...path, `${index}`])));
  }
  if (!isObject(schema)) return undefined;
  return (
    mistakeOfObject(schema, path) ??
    first(
      ['properties', '$defs', 'definitions'].flatMap((group) =>
        Object.entries(isObject(schema[group]) ? schema[group] : {}).map(
          ([key, each]) =>
            () =>
              mistakeIn(each, [...path, group, key]),
        ),
      ),
    ) ??
    first(['items', 'anyOf'].map((key) => () => mistakeIn(schema[key], [...path, key])))
  );
}

function mistakeOfObject(
  schema: Readonly<Record<string, unknown>>,
  path: readonly string[],
): Mistake | undefined {
  const { type, properties, additionalProperties, required } = schema;
  const isObjectType = type === 'object' || (Array.isArray(type) && type.includes('object'));
  if (!isObjectType) return undefined;
  // The API writes the path as a tuple of Python.
  const quoted = path.map((key) => `'${key}'`).join(', ');
  const context = path.length === 1 ? `${quoted},` : quoted;
  if (additionalProperties !== false) {
    return { context, what: "'additionalProperties' is required to be supplied and to be false." };
  }
  const listed = Array.isArray(required) ? required : [];
  const missing = Object.keys(isObject(properties) ? properties : {}).find(
    (key) => !listed.includes(key),
  );
  if (missing === undefined) return undefined;
  return {
    context,
    what: `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`,
  };
}

function first(looks: readonly (() => Mistake | undefined)[]): Mistake | undefined {
  for (const look of looks) {
    const mistake = look();
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
