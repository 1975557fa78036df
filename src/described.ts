/** What logs may tell of an error: never what a person, a model or a tool said. */
import {
  DefinitionError,
  DeliveryError,
  InvariantError,
  RequestError,
  RunError,
} from './errors.ts';

/** Codes whose sentence was written by an author's check of what somebody said, and may quote it. */
const quoting: readonly string[] = ['input_refused', 'output_refused', 'output_invalid'];

const own = [DefinitionError, DeliveryError, InvariantError, RequestError, RunError];

/** Whether a text is so short and plain that it names something and says nothing. */
export function isLabel(text: unknown): text is string {
  return typeof text === 'string' && /^[\w.:/[\]-]{1,100}$/.test(text);
}

/** An error's code or kind, in one word. Those of a tool's error may be called anything. */
export function kindOf(error: unknown): string {
  const { code } = Object(error);
  if (isWord(code)) return code;
  if (!(error instanceof Error)) return typeof error;
  return isWord(error.name) ? error.name : 'Error';
}

function isWord(text: unknown): text is string {
  return typeof text === 'string' && /^\w{1,64}$/.test(text);
}

/**
 * What may be told of an error. Cadenza's own sentences quote nobody; those of tools and their
 * libraries may quote anything, so of them only the kind and the place are told.
 *
 * @param full tells every sentence, for finding a fault where nothing is secret
 */
export function described(error: unknown, full = false): Record<string, unknown> {
  return withCauses(error, full, causesMax);
}

/** A cause may lead back to its own error. */
const causesMax = 8;

function withCauses(error: unknown, full: boolean, causes: number): Record<string, unknown> {
  if (!(error instanceof Error)) return { kind: typeof error, ...(full ? { said: error } : {}) };
  const { name, cause } = error;
  const [message, stack] = [error.message, error.stack].map(String) as [string, string];
  const code: unknown = Object(error).code;
  const isOwn = own.some((kind) => error instanceof kind) && !quoting.includes(String(code));
  return {
    kind: isWord(name) ? name : 'Error',
    ...(isWord(code) ? { code } : {}),
    ...(isOwn || full ? { message } : {}),
    ...(error instanceof RunError ? serverOf(error) : {}),
    ...(isOwn && !(error instanceof InvariantError) ? {} : { at: placesIn(stack, message) }),
    ...(cause === undefined || causes === 0 ? {} : { cause: withCauses(cause, full, causes - 1) }),
  };
}

/** What a model's server calls its error. */
function serverOf({ details: { server } }: RunError) {
  const labels = ['code', 'type', 'param', 'requestId']
    .map((name) => [name, Object(server)[name]])
    .filter(([, label]) => isLabel(label));
  return labels.length === 0 ? {} : { server: Object.fromEntries(labels) };
}

/** The lines of a stack below the message, which may look like anything. */
function placesIn(stack: string, message: string): string[] {
  const begin = stack.indexOf(message);
  return (begin === -1 ? '' : stack.slice(begin + message.length))
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 10)
    .map((line) => line.trim().slice('at '.length));
}
