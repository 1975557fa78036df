/** Reads a reply without calls: is it a report that may stand? */
import type { Agent } from '../define/agent.ts';
import { RunError } from '../errors.ts';
import { firstObjection } from './read-reply.ts';

/** How often an agent is told that its report does not fit before it is given up. */
const correctionsMax = 3;

const opening = 'Your reply does not fit what was asked for';

/** Whether a message of a transcript is such a correction. */
export function isCorrection(text: string): boolean {
  return text.startsWith(opening);
}

/**
 * Checks a report against the `output` and the guards of all whose report it is.
 *
 * @param reporters the agent itself, and the leaders that route to it
 * @returns the correction for the model; undefined if the report stands
 * @throws RunError `output_invalid` after three corrections, `output_refused` by a guard,
 *   `internal_error` if a guard fails
 */
export async function correctionOf(
  reporters: readonly Agent[],
  text: string,
  corrections: number,
): Promise<string | undefined> {
  for (const agent of reporters) {
    const correction = await correctionFor(agent, text, corrections);
    if (correction !== undefined) return correction;
  }
  return undefined;
}

async function correctionFor(
  agent: Agent,
  text: string,
  corrections: number,
): Promise<string | undefined> {
  const problem = agent.output ? await misfitOf(agent.output, text) : undefined;
  if (problem !== undefined) {
    if (corrections < correctionsMax) {
      return `${opening}: ${problem} Reply with nothing but JSON that fits.`;
    }
    throw new RunError(
      'output_invalid',
      `The report of "${agent.name}" did not fit after ${correctionsMax} corrections: ${problem}`,
    );
  }
  const objection = await firstObjection(agent.name, agent.outputGuards, text);
  if (objection !== undefined) throw new RunError('output_refused', objection);
  return undefined;
}

async function misfitOf(
  output: NonNullable<Agent['output']>,
  text: string,
): Promise<string | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON.';
  }
  const read = await output.safeParseAsync(value);
  if (read.success) return undefined;
  const list = read.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'it'}: ${message}`,
  );
  return `${list.slice(0, 10).join('; ')}.`;
}
