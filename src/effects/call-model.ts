/** The body of `callModel`: the agent's transcript goes out, a reply comes back as an event. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent } from '../define/agent.ts';
import { RunError } from '../errors.ts';
import type { ModelRequest, Reply } from '../models/model.ts';
import type { Effect, RunEvent, Store } from '../stores/store.ts';
import { instructionsOf, toolsOf } from './prompt.ts';
import { readCalls } from './read-reply.ts';

/** Waits between tries of a call that met a passing fault, in milliseconds. */
const waitsMs = [500, 2_000];

/** Calls the model for an agent, and returns what came of it: a reply, or a failure. */
export async function callModel(
  store: Store,
  agent: Agent,
  effect: Effect,
  signal: AbortSignal,
  report: (error: unknown) => void,
): Promise<RunEvent> {
  const transcript = await store.transcript(effect.runId, effect.path, effect.upTo);
  const request = { instructions: instructionsOf(agent), transcript, tools: toolsOf(agent) };
  try {
    const reply = await replyTo(agent, request, signal);
    const taken = new Set(
      transcript.flatMap((message) =>
        message.role === 'assistant' ? message.calls.map(({ id }) => id) : [],
      ),
    );
    const calls = readCalls(agent, reply, taken);
    const text = reply.text?.toWellFormed() ?? null;
    return { type: 'model.replied', agent: effect.path, text, calls };
  } catch (error) {
    signal.throwIfAborted();
    report(error);
    const failure =
      error instanceof RunError
        ? { code: error.code, message: error.message }
        : {
            code: 'internal_error' as const,
            message: `The driver of "${agent.model.name}" failed.`,
          };
    return { type: 'model.failed', agent: effect.path, failure };
  }
}

async function replyTo(agent: Agent, request: ModelRequest, signal: AbortSignal): Promise<Reply> {
  for (const waitMs of waitsMs) {
    try {
      return await agent.model.reply(request, { signal });
    } catch (error) {
      const passing = error instanceof RunError && error.details['retryable'] === true;
      if (!passing || signal.aborted) throw error;
      await sleep(waitMs * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }
  return agent.model.reply(request, { signal });
}
