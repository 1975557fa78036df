/**
 * Asks a person in the terminal. Prompts are drawn on stderr; whoever leaves one with Ctrl-C or
 * Ctrl-D loses nothing but what was typed into it, and Ctrl-X declines the question that it is part of.
 */
import type { FieldBody } from '../../client/index.ts';
import { visible } from './terminal.ts';

/** The person left. */
export class Left extends Error {
  override readonly name = 'Left';
}

/** The person declined the question. */
export class Declined extends Error {
  override readonly name = 'Declined';
}

/** Undefined leaves the field out. */
export type Value = unknown;

type Prompts = typeof import('@inquirer/prompts');
type Context = { readonly output: NodeJS.WritableStream; readonly signal: AbortSignal };

/** Shows one prompt. The library is loaded when somebody is asked, not before. */
async function prompted<T>(
  show: (prompts: Prompts, context: Context) => Promise<T>,
  declinable = true,
): Promise<T> {
  const prompts = await import('@inquirer/prompts');
  const leaving = new AbortController();
  const end = () => leaving.abort(new Left());
  // The library hears Ctrl-C; at Ctrl-D it would wait for ever.
  const hear = (_: unknown, key: { readonly name?: string; readonly ctrl?: boolean } = {}) => {
    if (key.ctrl && key.name === 'd') end();
    if (key.ctrl && key.name === 'x' && declinable) leaving.abort(new Declined());
  };
  process.stdin.on('keypress', hear).on('end', end);
  try {
    return await show(prompts, { output: process.stderr, signal: leaving.signal });
  } catch (error) {
    const { name } = Object(error);
    if (name === 'AbortPromptError') throw leaving.signal.reason;
    throw name === 'ExitPromptError' ? new Left() : error;
  } finally {
    process.stdin.off('keypress', hear).off('end', end);
  }
}

/** A line of text; empty where nothing is typed. */
export function askText(
  message: string,
  { start = '', check = (): true | string => true as const, declinable = true }: TextOptions = {},
): Promise<string> {
  const config = {
    message: visible(message),
    validate: check,
    ...(start === '' ? {} : { default: start, prefill: 'editable' as const }),
  };
  return prompted(({ input }, context) => input(config, context), declinable);
}

interface TextOptions {
  /** What stands there to begin with. */
  readonly start?: string;
  /** True, or what is wrong. */
  readonly check?: (text: string) => true | string;
  /** Whether it is part of a question. Default: true. */
  readonly declinable?: boolean;
}

/** One of several. */
export function askOne<T>(
  message: string,
  choices: readonly { readonly name: string; readonly value: T; readonly description?: string }[],
  start?: T,
): Promise<T> {
  const shown = choices.map(({ name, description, ...choice }) => ({
    ...choice,
    name: visible(name),
    ...(description === undefined ? {} : { description: visible(description) }),
  }));
  return prompted(({ select }, context) =>
    select(
      {
        message: visible(message),
        choices: shown,
        ...(start === undefined ? {} : { default: start }),
      },
      context,
    ),
  );
}

/**
 * A value for a field.
 *
 * @param before what was answered before, if it did not fit
 */
export async function askField(field: FieldBody, before?: Value): Promise<Value> {
  const message = field.required ? field.label : `${field.label} (may be left empty)`;
  switch (field.type) {
    case 'string':
      return typed(message, field, before, (text) => text, limitsOf(field));
    case 'integer':
    case 'number':
      return typed(message, field, before, Number, numberCheck(field));
    case 'date':
      return typed(message, field, before, (text) => text, dateCheck);
    case 'object':
      return typed(message, field, before, JSON.parse, jsonCheck);
    case 'boolean':
      return askOne<Value>(
        field.label,
        [{ name: 'Yes', value: true }, { name: 'No', value: false }, ...leftOut(field)],
        before,
      );
    case 'choice':
      return askOne<Value>(field.label, [...choicesOf(field), ...leftOut(field)], before);
    case 'choices':
      return askSeveral(message, field, before);
  }
}

async function typed(
  message: string,
  { required }: FieldBody,
  before: Value,
  read: (text: string) => Value,
  check: (text: string) => true | string,
): Promise<Value> {
  const start =
    before === undefined || typeof before === 'string' ? before : JSON.stringify(before);
  const text = await askText(message, {
    ...(start === undefined ? {} : { start }),
    check: (given) => {
      if (given !== '') return check(given);
      return required ? 'An answer is needed.' : true;
    },
  });
  return text === '' ? undefined : read(text);
}

type Choices = Extract<FieldBody, { readonly type: 'choice' | 'choices' }>;

function choicesOf({ choices, descriptions = {} }: Choices) {
  return choices.map((choice) => {
    const description = descriptions[choice];
    return { name: choice, value: choice, ...(description === undefined ? {} : { description }) };
  });
}

function leftOut({ required }: FieldBody): { name: string; value: Value }[] {
  return required ? [] : [{ name: '(leave it empty)', value: undefined }];
}

async function askSeveral(message: string, field: Choices, before: Value): Promise<Value> {
  const chosen: readonly unknown[] = Array.isArray(before) ? before : [];
  const choices = choicesOf(field).map(({ name, value, description }) => ({
    name: visible(name),
    value,
    checked: chosen.includes(value),
    ...(description === undefined ? {} : { description: visible(description) }),
  }));
  const { required } = field;
  const values = await prompted(({ checkbox }, context) =>
    checkbox({ message: visible(message), choices, required }, context),
  );
  return values.length === 0 && !required ? undefined : values;
}

function limitsOf({
  min,
  max,
}: {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}) {
  return (text: string): true | string => {
    if (min !== undefined && text.length < min) return `At least ${min} characters are needed.`;
    return max === undefined || text.length <= max || `At most ${max} characters fit.`;
  };
}

function numberCheck({
  type,
  min,
  max,
}: Extract<FieldBody, { readonly type: 'integer' | 'number' }>) {
  return (text: string): true | string => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) return 'A number is needed.';
    if (type === 'integer' && !Number.isSafeInteger(value)) return 'A whole number is needed.';
    if (min !== undefined && value < min) return `It must be at least ${min}.`;
    return max === undefined || value <= max || `It must be at most ${max}.`;
  };
}

function dateCheck(text: string): true | string {
  return (
    (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))) ||
    'A date like 2026-12-31 is needed.'
  );
}

/** JSON, for changed arguments and what other systems returned. */
export function jsonCheck(text: string): true | string {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return `JSON is needed: ${(error as Error).message}`;
  }
}
