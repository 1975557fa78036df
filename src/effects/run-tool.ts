/** The body of `runTool`: runs an author's function once, and always comes back with a result. */
import { boundary } from '../boundary.ts';
import type { FunctionTool, ToolContext } from '../define/tool.ts';
import { ToolFailed } from '../errors.ts';

/** The longest result that a model is sent, in UTF-16 units; the rest is cut. */
const resultMax = 262_144;

/**
 * Runs a tool on the arguments of its call.
 *
 * @returns the result in words for the model, also when the tool failed or took too long
 * @throws the signal's reason if it is aborted: then nobody knows whether the tool did its work
 */
export async function runTool(
  tool: FunctionTool,
  args: string,
  context: ToolContext,
  report: (error: unknown) => void,
): Promise<string> {
  const timeout = AbortSignal.timeout(tool.timeoutMs);
  const signal = AbortSignal.any([context.signal, timeout]);
  try {
    const input: unknown = await tool.input.parseAsync(JSON.parse(args));
    boundary('tool: before it runs');
    const output = await orAborted(async () => tool.execute(input, { ...context, signal }), signal);
    boundary('tool: after it ran');
    return textOf(output);
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof ToolFailed) return error.message.toWellFormed();
    report(error);
    if (timeout.aborted) {
      return `The tool did not finish within ${tool.timeoutMs} ms and was told to stop. It may have done its work.`;
    }
    return 'The tool failed.';
  }
}

/** Stops waiting on abort, also for a tool that does not heed its signal. */
async function orAborted<T>(body: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([body(), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function textOf(output: unknown): string {
  const text = typeof output === 'string' ? output : jsonOf(output);
  const whole = text.toWellFormed();
  if (whole.length <= resultMax) return whole;
  return `${whole.slice(0, resultMax).toWellFormed()}\n(cut after ${resultMax} characters)`;
}

function jsonOf(output: unknown): string {
  if (output === undefined) return '(no output)';
  try {
    const json = JSON.stringify(output, (_, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    return json ?? '(no output)';
  } catch {
    return 'The tool did its work, but its output cannot be written as JSON.';
  }
}
