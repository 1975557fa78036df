/**
 * What does not fit a schema, in sentences of one style. Each goes on after the name, or the pointer,
 * of what it is about: "/limit must be a whole number".
 */
import type * as z from 'zod';
import type { FieldError } from '../errors.ts';
import { pointerTo } from './fields.ts';

/** One error, or one for each key that is too much. */
export function fieldErrorsOf(issue: z.core.$ZodIssue, sentence = issue.message): FieldError[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ pointer: pointerTo(issue.path), message: sentence }];
  }
  return issue.keys.map((key) => ({
    pointer: pointerTo([...issue.path, key]),
    message: 'is not known',
  }));
}

/**
 * What an issue says, with the value that it is about: an error map of zod. Undefined where there is
 * nothing better to say than what the schema or zod says.
 */
export function misfitSentence(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== 'custom') return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return kinds.get(issue.expected);
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(shown).join(', ')}`;
    case 'invalid_format':
      return inForm(issue);
    case 'invalid_union':
      return 'has none of the forms that it may have';
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'too_small':
      return limited(issue, issue.minimum, issue.inclusive === false ? 'more than' : 'at least');
    case 'too_big':
      return limited(issue, issue.maximum, issue.inclusive === false ? 'less than' : 'at most');
    default:
      return undefined;
  }
}

const kinds = new Map<string, string>([
  ['string', 'must be text'],
  ['number', 'must be a number'],
  ['int', 'must be a whole number'],
  ['boolean', 'must be true or false'],
  ['array', 'must be a list'],
  ['tuple', 'must be a list'],
  ['object', 'must be an object'],
  ['record', 'must be an object'],
  ['null', 'must be null'],
]);

/** Zod counts what any text must be like among the forms that have names. */
function inForm(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidStringFormat>) {
  const { format, prefix, suffix, includes } = issue;
  switch (format) {
    case 'starts_with':
      return `must begin with "${prefix}"`;
    case 'ends_with':
      return `must end with "${suffix}"`;
    case 'includes':
      return `must have "${includes}" in it`;
    case 'lowercase':
    case 'uppercase':
      return `must be in ${format.slice(0, 5)} case`;
    case 'regex':
    case 'template_literal':
      return undefined;
    default:
      return `must be in the form "${format}"`;
  }
}

function limited({ origin, code }: Limited, limit: number | bigint, how: string) {
  // The limit is a number of milliseconds.
  if (origin === 'date') return undefined;
  const isCounted = origin === 'string' || origin === 'array' || origin === 'set';
  if (isCounted && code === 'too_small' && Number(limit) === 1) return 'must not be empty';
  const many = Number(limit) === 1 ? '' : 's';
  if (origin === 'string') return `must be ${how} ${limit} character${many}`;
  return isCounted ? `must have ${how} ${limit} element${many}` : `must be ${how} ${limit}`;
}

type Limited = Pick<z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, 'code' | 'origin'>;

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value);
}
