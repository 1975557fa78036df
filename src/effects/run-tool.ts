/** The body of `runTool`: runs an author's function once, and always comes back with an event. */
import { boundary } from '../boundary.ts';
import { isAsked } from '../define/ask.ts';
import type { FunctionTool, ToolContext } from '../define/tool.ts';
import { ToolFailed } from '../errors.ts';
import type { QuestionDraft } from '../questions/question.ts';
import { bounded } from '../text.ts';
import { orAborted } from './or-aborted.ts';

/**
 * What a tool came back with: a result in words for the model, or a question to the person. `kept` is
 * whether its changes of the session are: a tool that threw took them back.
 */
export type ToolOutcome =
  | { readonly result: string; readonly kept: boolean }
  | { readonly question: QuestionDraft };

/**
 * Runs a tool on the arguments of its call.
 *
 * @throws the signal's reason if it is aborted: then nobody knows whether the tool did its work
 */
export async function runTool(
  tool: FunctionTool,
  args: unknown,
  context: ToolContext,
  report: (error: unknown) => void,
): Promise<ToolOutcome> {
  const timeout = AbortSignal.timeout(tool.timeoutMs);
  const signal = AbortSignal.any([context.signal, timeout]);
  try {
    const input: unknown = await tool.input.parseAsync(args);
    const user: unknown = tool.askUser ? await tool.askUser.parseAsync(context.user) : {};
    boundary('tool: before it runs');
    const output = await orAborted(
      async () => tool.execute?.(input, { ...context, user, signal }),
      signal,
    );
    boundary('tool: after it ran');
    return isAsked(output) ? { question: output.question } : { result: textOf(output), kept: true };
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof ToolFailed) return { result: bounded(error.message), kept: false };
    report(error);
    return {
      kept: false,
      result: timeout.aborted
        ? `The tool did not finish within ${tool.timeoutMs} ms and was told to stop. It may have done its work.`
        : 'The tool failed.',
    };
  }
}

function textOf(output: unknown): string {
  return bounded(typeof output === 'string' ? output : jsonOf(output));
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
