/** A team that changes from version to version. As a module it serves the version that VERSION names. */
import {
  type Agent,
  ask,
  defineAgent,
  defineTeam,
  defineTool,
  type FunctionTool,
  getUserInput,
  type Migrate,
  type Model,
  openai,
  type TeamMode,
  type Tool,
} from 'cadenza';
import * as z from 'zod';

/** What differs from the team as it was first. */
export interface Version {
  readonly team?: string;
  readonly clerk?: string;
  readonly mode?: TeamMode;
  readonly book?: string;
  readonly guests?: z.ZodType;
  readonly seat?: z.ZodObject;
  /** True lets another system book. */
  readonly external?: boolean;
  /** Called while a table is booked. */
  readonly work?: (input: unknown, signal: AbortSignal) => unknown;
  readonly tools?: readonly Tool[];
  readonly members?: readonly string[];
  readonly wording?: string;
  readonly deadlineMs?: number;
}

/** Books a table; it is held for the person's approval and a seat, and asks for a code as it runs. */
function bookingTool(version: Version): FunctionTool {
  const { book = 'book_table', guests = z.object({ guests: z.int() }), external, work } = version;
  const base = { name: book, description: `Books. ${version.wording ?? ''}`, input: guests };
  if (external) return defineTool(base);
  return defineTool({
    ...base,
    approval: 'always',
    askUser: version.seat ?? z.object({ seat: z.string().describe(version.wording ?? 'Where?') }),
    ...(version.deadlineMs
      ? { deadline: { afterMs: version.deadlineMs, onExpiry: 'decline' } }
      : {}),
    execute: async (input, { user, answers: [answer], signal }) => {
      if (work) return await work(input, signal);
      if (!answer) return ask(z.object({ code: z.string() }), 'Which code?');
      return `booked ${JSON.stringify(input)}, ${JSON.stringify(user)}, ${answer['code']}`;
    },
  });
}

/** Does what nothing of the saved runs uses. */
const spare = (wording: string) =>
  defineTool({
    name: 'spare',
    description: 'Is not used.',
    input: z.object({ [wording]: z.string() }),
    execute: () => 'spared',
  });

/** The team as a version has it: Desk leads a clerk who asks and books. */
export function changingTeam(model: Model, version: Version = {}): Agent {
  const { team = 'Desk', clerk = 'Clerk', mode = 'coordinate', members = [] } = version;
  const { wording = 'First.' } = version;
  const tools = [getUserInput(), bookingTool(version), spare(wording), ...(version.tools ?? [])];
  const agent = (name: string) =>
    defineAgent({ name, role: wording, model, instructions: [wording], tools });
  return defineTeam({
    name: team,
    mode,
    model,
    instructions: [wording],
    tools: [getUserInput()],
    members: [agent(clerk), ...members.map(agent)],
  });
}

const versions: Readonly<Record<string, Version>> = {
  first: {},
  reworded: { wording: 'Second.', members: ['Porter'] },
  renamed: { clerk: 'Waiter', book: 'reserve' },
};

/** What the names of the first version are in the version `renamed`. */
export const toRenamed: Migrate = ({ agent, tool }) => ({
  agent: agent.replace(/^Desk\/Clerk$/, 'Desk/Waiter'),
  tool: tool === 'book_table' ? 'reserve' : tool,
});

const name = process.env['VERSION'] ?? 'first';

export const migrate = process.env['MIGRATE'] ? toRenamed : undefined;

export default changingTeam(openai('gpt-4o-mini'), versions[name]);
