/**
 * The tools that every agent of a random team has: one of each kind. Whenever a tool's body is
 * entered it is written down, with all that the body was given, so that side effects can be counted.
 */
import * as z from 'zod';
import {
  type Answer,
  ask,
  askUserChoice,
  type Deadline,
  defineTool,
  type FunctionTool,
  getUserInput,
  type Tool,
  type ToolContext,
  ToolFailed,
} from '../../src/index.ts';

/** One time that a tool's body was entered. */
export interface Entry {
  /** The idempotency key: the id of the effect. */
  readonly key: string;
  readonly tool: string;
  readonly toolCallId: string;
  readonly input: Input;
  readonly user: unknown;
  readonly answers: readonly Answer[];
}

type Input = { readonly n: number; readonly ms: number };

/** Whose process a tool runs in: once it has died, nothing goes on in it. */
export interface Host {
  /** Written down at once, like a side effect in the world outside. */
  enter(entry: Entry): void;
  /** Resolves with what the work returns; never, if the process dies meanwhile. */
  alive<T>(work: () => T | Promise<T>): Promise<T>;
}

/** What a tool is made of, beyond its name. */
interface Kind {
  readonly idempotent?: boolean;
  readonly editable?: boolean;
  readonly remember?: boolean;
  readonly approval?: 'always' | ((input: Input) => boolean);
  readonly askUser?: z.ZodObject;
  readonly output?: z.ZodType;
  readonly deadline?: Deadline;
  /** How often its body asks. */
  readonly asks?: number;
  /** Another system carries it out. */
  readonly external?: boolean;
  readonly throws?: () => Error;
}

const input = z.object({ n: z.int(), ms: z.int().min(0).max(20) });
const seat = z.object({ seat: z.string(), count: z.int() });

/** What is answered where nobody answers in time. */
export const byDefault = { word: 'default' };

const soon = (onExpiry: Deadline['onExpiry']): Deadline => ({ afterMs: 15, onExpiry });

const kinds = {
  note: {},
  save: { idempotent: true },
  pay: { approval: ({ n }) => n % 2 === 0, editable: true },
  sign: { approval: 'always', remember: true },
  book: { askUser: seat },
  order: { approval: 'always', askUser: seat, editable: true, idempotent: true },
  fetch: { external: true },
  measure: { external: true, output: z.object({ ok: z.boolean() }) },
  ask_once: { asks: 1 },
  ask_twice: { asks: 2 },
  save_asking: { asks: 1, idempotent: true },
  fail: { throws: () => new ToolFailed('No table is free.') },
  explode: { throws: () => new Error('The tool exploded.') },
  hurry: { approval: 'always', deadline: soon('decline') },
  hurry_default: {
    approval: 'always',
    askUser: seat,
    deadline: soon({ answer: { approved: true, seat: 'any', count: 1 } }),
  },
  hurry_asking: { asks: 1, deadline: soon({ answer: byDefault }) },
  hurry_outside: { external: true, deadline: soon({ answer: { result: 'late' } }) },
  hurry_fail: { approval: 'always', deadline: { afterMs: 60, onExpiry: 'fail' } },
} as const satisfies Record<string, Kind>;

type FunctionName = keyof typeof kinds;

/** The names of all tools. */
export const toolNames = [
  ...(Object.keys(kinds) as FunctionName[]),
  'get_user_input',
  'ask_user',
] as const;

export type ToolName = (typeof toolNames)[number];

/** What a tool is, by its name; undefined for one whose call is a question. */
export function kindOf(name: string): Kind | undefined {
  return Object.entries<Kind>(kinds).find(([one]) => one === name)?.[1];
}

/** What the body of a tool returns in the end. */
export function outputOf(tool: string, n: number): string {
  return `${tool} did ${n}`;
}

/** All tools, running in one process. */
export function toolbox(host: Host): Tool[] {
  const own = Object.entries<Kind>(kinds).map(([name, kind]) => functionTool(host, name, kind));
  return [...own, getUserInput(), askUserChoice()];
}

function functionTool(host: Host, name: string, kind: Kind): FunctionTool {
  const { asks = 0, external = false, throws, deadline, ...options } = kind;
  const inBody = asks > 0;
  return defineTool({
    name,
    description: `Does ${name}.`,
    input,
    ...options,
    ...(deadline && !inBody ? { deadline } : {}),
    ...(external
      ? {}
      : { execute: (args: Input, context: ToolContext) => host.alive(() => body(args, context)) }),
  });

  async function body(args: Input, context: ToolContext): Promise<unknown> {
    const { idempotencyKey: key, toolCallId, user, answers } = context;
    host.enter({ key, tool: name, toolCallId, input: args, user, answers });
    if (args.ms > 0) await new Promise((resolve) => setTimeout(resolve, args.ms));
    if (answers.length < asks) {
      const schema = z.object({ word: z.string() });
      return ask(schema, `Which word ${answers.length + 1}?`, deadline ? { deadline } : {});
    }
    if (throws) throw throws();
    return outputOf(name, args.n);
  }
}
