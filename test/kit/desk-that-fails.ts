/** A runtime of one agent whose model fails as it is told. */
import type { TestContext } from 'node:test';
import { defineAgent, openai, type RuntimeOptions } from '../../src/index.ts';
import type { Faults, Turn } from '../../src/testing/index.ts';
import { eager } from './retries.ts';
import { type TestRuntime, testRuntime } from './runtime.ts';

export interface Desk {
  /** What goes wrong now. */
  fault: Faults | undefined;
  /** Where the model is. */
  baseURL?: string;
  readonly retries?: RuntimeOptions['retries'];
  readonly limits?: RuntimeOptions['limits'];
}

/** One agent, whose model does what `desk` says. */
export function deskRuntime(
  t: TestContext,
  desk: Desk,
  breakerFailures = 100,
): Promise<TestRuntime> {
  const turn: Turn = () => {
    const { fault } = desk;
    return fault ? { text: 'Hello.', fault } : 'Hello.';
  };
  return testRuntime(
    t,
    { Desk: [turn] },
    (url) => [
      defineAgent({
        name: 'Desk',
        model: openai('gpt-4o-mini', {
          baseURL: desk.baseURL ?? url,
          apiKey: 'test',
          breaker: { failures: breakerFailures },
        }),
      }),
    ],
    { retries: desk.retries ?? eager, limits: desk.limits ?? {} },
  );
}

/** A fault of a status. */
export const status = (code: number): Faults => ({ name: 'status', status: code });
