/** A model that takes one step after the other, and one that sums such steps up. */
import type { TestContext } from 'node:test';
import type { ContextPolicy } from '../../src/index.ts';
import { call, type Faults, type ModelRequest, type Turn } from '../../src/testing/index.ts';
import { longTeams } from '../teams/long.ts';
import { type TestRuntime, testRuntime } from './runtime.ts';

const stepsMax = 12;

/** Every step, and none before the first. */
export const allSteps = Array.from({ length: stepsMax + 1 }, (_, n) => n);

/** The steps that texts tell of, each once. */
export function stepsIn(texts: readonly string[]): number[] {
  const found = texts.join('\n').matchAll(/(?:\bstep|SUMMARY of) ([\d ]+)/g);
  const steps = [...found].flatMap(([, list = '']) => list.trim().split(' ').map(Number));
  return [...new Set(steps)].sort((a, b) => a - b);
}

function texts(request: ModelRequest, role: string): string[] {
  return request.messages.flatMap((message) =>
    message.role === role ? [String(message.content)] : [],
  );
}

/** The texts that the model takes for the person's. */
export const userTexts = (request: ModelRequest) => texts(request, 'user');

/** The steps whose results a request has, in order. */
export const stepsSeen = (request: ModelRequest) => stepsIn(texts(request, 'tool'));

/** The number of the last step that the model sees; 0 without one. */
export const lastStep = (request: ModelRequest) => stepsSeen(request).at(-1) ?? 0;

/** About how many tokens a request has of texts. */
export function tokensOf({ messages }: ModelRequest): number {
  return Math.ceil(messages.map(({ content }) => String(content ?? '')).join('').length / 4);
}

/** Takes the step after the last one that it sees. */
export function nextStep(request: ModelRequest, fault: Faults = []): Turn {
  const n = lastStep(request) + 1;
  return n > stepsMax
    ? { text: 'All steps taken.', fault }
    : { text: `Step ${n}.`, calls: [call('step', { n })], reasoning: `Now ${n}.`, fault };
}

/** A script that says the same whichever turn it is. */
export const always = (turn: Turn) => Array.from({ length: 30 }, () => turn);

const summary: Turn = (request) => `SUMMARY of ${stepsIn(userTexts(request)).join(' ')}`;

export const stepping = { Solo: always((request) => nextStep(request)), summarizer: [summary] };

export function longRuntime(
  t: TestContext,
  api: 'chat' | 'responses',
  context?: ContextPolicy,
  solo: readonly Turn[] = stepping.Solo,
): Promise<TestRuntime> {
  const scripts = { ...stepping, Solo: solo };
  return testRuntime(t, scripts, (baseURL) => longTeams({ baseURL, api }, context));
}
