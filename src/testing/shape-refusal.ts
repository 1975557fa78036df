/**
 * Says in OpenAI's words how a request departs from the API's shape.
 *
 * The API builds these sentences by rule from the path, the kind of mistake and the value sent, so
 * the same rules are applied here to the issues that zod finds.
 */

import type { z } from 'zod';
import { Refused } from './refused.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

export function shapeRefusal(body: unknown, issues: readonly Issue[]): Refused {
  const [first] = issues;
  if (first === undefined) return new Refused('The request does not have the shape of the API.');
  return refusalOf(body, first, []);
}

function refusalOf(body: unknown, issue: Issue, parent: Path): Refused {
  const path = [...parent, ...issue.path];
  const param = written(path);
  const value = valueAt(body, path);
  if (value === undefined) {
    return new Refused(`Missing required parameter: '${param}'.`, {
      param,
      code: 'missing_required_parameter',
    });
  }
  switch (issue.code) {
    case 'too_big':
      return tooBig(param, value, Number(issue.maximum));
    case 'too_small':
      return tooSmall(param, value, Number(issue.minimum));
    case 'invalid_format':
      return new Refused(
        `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '${bare(issue)}'.`,
        { param, code: 'invalid_value' },
      );
    case 'invalid_value':
      return unsupported(param, value, issue.values);
    case 'invalid_union':
      if ('options' in issue && issue.options) return unsupported(param, value, issue.options);
      return noBranch(body, issue, path);
    default:
      return wrongType(param, value, 'expected' in issue ? kindName(issue.expected) : 'a value');
  }
}

/** A value that may be of several kinds: the mistake is inside the kind that was chosen, if any. */
function noBranch(body: unknown, issue: Issue & { code: 'invalid_union' }, path: Path): Refused {
  const chosen = issue.errors.find((branch) => !branch.some(isWrongKind));
  const inside = chosen?.[0];
  if (inside !== undefined) return refusalOf(body, inside, path);
  const kinds = issue.errors.flatMap((branch) => branch.filter(isWrongKind).map(kindOf));
  return wrongType(written(path), valueAt(body, path), `one of ${kinds.join(' or ')}`);
}

const isWrongKind = (issue: Issue) => issue.path.length === 0 && issue.code === 'invalid_type';

function kindOf(issue: Issue): string {
  const expected = 'expected' in issue ? issue.expected : 'value';
  return expected === 'array' ? 'array of objects' : kindName(expected);
}

function tooBig(param: string, value: unknown, maximum: number): Refused {
  const length = typeof value === 'string' || Array.isArray(value) ? value.length : 0;
  const [kind, one] = Array.isArray(value) ? ['array', 'an array'] : ['string', 'a string'];
  return new Refused(
    `Invalid '${param}': ${kind} too long. Expected ${one} with maximum length ${maximum}, but got ${one} with length ${length} instead.`,
    { param, code: `${kind}_above_max_length` },
  );
}

function tooSmall(param: string, value: unknown, minimum: number): Refused {
  if (typeof value === 'number') {
    return new Refused(
      `Invalid '${param}': integer below minimum value. Expected a value >= ${minimum}, but got ${value} instead.`,
      { param, code: 'integer_below_min_value' },
    );
  }
  const [kind, one] = Array.isArray(value) ? ['array', 'an array'] : ['string', 'a string'];
  return new Refused(
    `Invalid '${param}': empty ${kind}. Expected ${one} with minimum length 1, but got an empty ${kind} instead.`,
    { param, code: `empty_${kind}` },
  );
}

function unsupported(param: string, value: unknown, supported: readonly unknown[]): Refused {
  if (typeof value !== 'string') return wrongType(param, value, 'a string');
  const quoted = supported.map((each) => `'${String(each)}'`);
  const last = quoted.pop() ?? '';
  const separator = quoted.length > 1 ? ', and ' : ' and ';
  const list = quoted.length === 0 ? last : `${quoted.join(', ')}${separator}${last}`;
  return new Refused(`Invalid value: '${value}'. Supported values are: ${list}.`, {
    param,
    code: 'invalid_value',
  });
}

function wrongType(param: string, value: unknown, expected: string): Refused {
  return new Refused(
    `Invalid type for '${param}': expected ${expected}, but got ${typeName(value)} instead.`,
    { param, code: 'invalid_type' },
  );
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return kindName(typeof value);
}

function kindName(kind: string): string {
  if (kind === 'record') return 'an object';
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

/** The pattern of a format issue without the slashes of a regular expression. */
function bare(issue: Issue & { code: 'invalid_format' }): string {
  return (issue.pattern ?? '').replace(/^\/|\/$/g, '');
}

/** `messages[2].tool_calls[0].id`: how the API writes a path. */
function written(path: Path): string {
  return path
    .map((key, depth) =>
      typeof key === 'number' ? `[${key}]` : `${depth ? '.' : ''}${String(key)}`,
    )
    .join('');
}

function valueAt(body: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined,
    body,
  );
}
