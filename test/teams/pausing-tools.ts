/** A tool for every kind of pause. Each writes down when it does something. */
import { once } from 'node:events';
import { ask, askUserChoice, defineTool, getUserInput, type Tool } from 'cadenza';
import * as z from 'zod';

export interface PausingTools {
  /** Writes down what a tool did. */
  readonly write: (line: string) => void;
  /** What `pay` and `risky` do in the middle of their work: die, for one. */
  readonly die?: (tool: string) => void | Promise<void>;
  /** How long the questions of `vote`, `guess` and `must` stay open. */
  readonly deadlineMs?: number;
}

/** Every tool, to be given to any agent. */
export function pausingTools(options: PausingTools): Tool[] {
  return [
    ...heldTools(options),
    ...workingTools(options),
    ...timedTools(options),
    getUserInput(),
    askUserChoice(),
  ];
}

/** Tools that wait for the person before they run. */
function heldTools({ write, die = () => undefined }: PausingTools): Tool[] {
  return [
    defineTool({
      name: 'book',
      description: 'Books a table.',
      input: z.object({ guests: z.int().min(1) }),
      askUser: z.object({
        name: z.string().min(2).describe('Under which name?'),
        seats: z.enum(['inside', 'terrace']).default('inside'),
      }),
      execute: ({ guests }, { user }) => {
        write(`book ${guests} ${user.name} ${user.seats}`);
        return `booked ${guests} for ${user.name}, ${user.seats}`;
      },
    }),
    defineTool({
      name: 'pay',
      description: 'Pays an amount.',
      input: z.object({ amount: z.int().min(1), to: z.string() }),
      approval: ({ amount }) => amount > 100,
      editable: true,
      remember: true,
      execute: async ({ amount, to }) => {
        write(`pay ${amount} ${to}`);
        await die('pay');
        return `paid ${amount} to ${to}`;
      },
    }),
    defineTool({
      name: 'send',
      description: 'Sends a message.',
      input: z.object({ to: z.string() }),
      approval: 'always',
      execute: ({ to }) => {
        write(`send ${to}`);
        return `sent to ${to}`;
      },
    }),
    defineTool({
      name: 'give',
      description: 'Gives an amount, with a note by the person.',
      input: z.object({ amount: z.int() }),
      askUser: z.object({ note: z.string(), copies: z.int().optional() }),
      execute: ({ amount }, { user }) => {
        write(`give ${amount} ${user.note}`);
        return `gave ${amount}: ${user.note}`;
      },
    }),
  ];
}

/** Tools that other systems carry out, that ask in the middle, that die, and that take long. */
function workingTools({ write, die = () => undefined }: PausingTools): Tool[] {
  return [
    defineTool({
      name: 'ship',
      description: 'Ships an order.',
      input: z.object({ order: z.string() }),
      output: z.object({ tracking: z.string(), days: z.int().min(0) }),
    }),
    defineTool({ name: 'fax', description: 'Faxes.', input: z.object({ text: z.string() }) }),
    defineTool({
      name: 'transfer',
      description: 'Transfers an amount, with a code that the person gets.',
      input: z.object({ amount: z.int() }),
      execute: ({ amount }, { answers: [first, second] }) => {
        const code = z.object({ code: z.string() });
        if (!first) return ask(code, `Which code did you get for ${amount}?`);
        if (first['code'] === 'old' && !second) return ask(code, 'That one is old. Which is new?');
        write(`transfer ${amount} ${(second ?? first)['code']}`);
        return `transferred ${amount}`;
      },
    }),
    defineTool({
      name: 'risky',
      description: 'May be cut short.',
      input: z.object({ what: z.string() }),
      execute: async ({ what }) => {
        write(`risky ${what}`);
        await die('risky');
        return `did ${what}`;
      },
    }),
    defineTool({
      name: 'slow',
      description: 'Works until it is told to stop.',
      input: z.object({}),
      execute: async (_, { signal }) => {
        write('slow began');
        await once(signal, 'abort');
        write('slow was told to stop');
      },
    }),
  ];
}

/** Tools whose questions have a deadline, one for each thing that may happen then. */
function timedTools({ write, deadlineMs: afterMs = 600_000 }: PausingTools): Tool[] {
  const input = z.object({ topic: z.string() });
  return [
    defineTool({
      name: 'vote',
      description: 'Votes.',
      input,
      approval: 'always',
      deadline: { afterMs, onExpiry: 'decline' },
      execute: ({ topic }) => write(`vote ${topic}`),
    }),
    defineTool({
      name: 'guess',
      description: 'Guesses.',
      input,
      askUser: z.object({ number: z.int() }),
      deadline: { afterMs, onExpiry: { answer: { number: 7 } } },
      execute: ({ topic }, { user }) => {
        write(`guess ${topic} ${user.number}`);
        return `guessed ${user.number}`;
      },
    }),
    defineTool({
      name: 'must',
      description: 'Must be allowed in time.',
      input,
      approval: 'always',
      deadline: { afterMs, onExpiry: 'fail' },
      execute: ({ topic }) => write(`must ${topic}`),
    }),
  ];
}
