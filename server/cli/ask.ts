/** Asks the questions of a run, and shows what an approval is about before it asks for it. */
import type { FieldBody, QuestionBody } from '../../client/index.ts';
import { askField, askOne, askText, Declined, jsonCheck, type Value } from './prompts.ts';
import type { Terminal } from './terminal.ts';

export type Values = Readonly<Record<string, Value>>;

/**
 * Asks one question.
 *
 * @param before what was answered before, if it did not fit
 * @returns null if the person declines
 * @throws Left if the person leaves
 */
export async function askQuestion(
  terminal: Terminal,
  question: QuestionBody,
  before: Values = {},
): Promise<Values | null> {
  for (const line of ['', ...linesAbout(question)]) terminal.tell(line);
  const { reason, fields } = question;
  // The choices of the others say how to decline.
  const isForm = reason === 'input_required' || reason === 'external_execution';
  if (isForm) terminal.mention('  Ctrl-X declines it.');
  try {
    return await (reason === 'approval'
      ? askApproval(question, before)
      : askFields(fields, before));
  } catch (error) {
    if (!(error instanceof Declined)) throw error;
    terminal.mention('  Declined.');
    return null;
  }
}

/** A question in words: who asks what, and what it is about. */
export function linesAbout(question: QuestionBody): string[] {
  const { asked_by, prompt, expires_at, on_expiry } = question;
  const expiry =
    expires_at === undefined ? [] : [`  Until ${expires_at}; then: ${expiryOf(on_expiry)}.`];
  return [`${asked_by} asks: ${prompt}`, ...about(question), ...expiry];
}

/** The exact text that the model wrote, where the answer decides what becomes of it. */
function about({ reason, tool_name, arguments: args, id }: QuestionBody): string[] {
  if (reason === 'input_required') return [];
  return [
    `  Question: ${id}`,
    `  Tool: ${tool_name}`,
    `  Arguments, as the model wrote them: ${args}`,
  ];
}

function expiryOf(onExpiry: QuestionBody['on_expiry']): string {
  if (onExpiry === 'decline') return 'declined';
  if (onExpiry === 'fail' || onExpiry === undefined) return 'the run fails';
  return `answered with ${JSON.stringify(onExpiry.answer)}`;
}

async function askFields(fields: readonly FieldBody[], before: Values): Promise<Values> {
  const values: Record<string, Value> = {};
  for (const field of fields) {
    const value = await askField(field, before[field.name]);
    if (value !== undefined) values[field.name] = value;
  }
  return values;
}

async function askApproval(question: QuestionBody, before: Values): Promise<Values> {
  const { fields, arguments: args } = question;
  const named = (name: string) => fields.find((field) => field.name === name);
  const [approved, changed, remember, note] = ['approved', 'arguments', 'remember', 'note'].map(
    named,
  );
  const yes = { name: 'Yes', value: 'yes' };
  const edit = { name: 'Yes, with other arguments', value: 'edit' };
  const always = { name: 'Yes, and without asking for the rest of the session', value: 'always' };
  const decision = await askOne(approved?.label ?? 'May it run?', [
    yes,
    ...(changed ? [edit] : []),
    ...(remember ? [always] : []),
    { name: 'No', value: 'no' },
  ]);
  const own = fields.filter((field) => !['approved', 'arguments', 'remember'].includes(field.name));
  if (decision === 'no') {
    const said = await askText(note?.label ?? 'A note for the model.');
    return { approved: false, ...(said === '' || !note ? {} : { note: said }) };
  }
  const edited = decision === 'edit' ? { arguments: await askArguments(args, before) } : {};
  // A note is for who declines, unless the tool itself wants one.
  const asked = await askFields(
    own.filter((field) => field.name !== 'note' || field.required),
    before,
  );
  return {
    approved: true,
    ...edited,
    ...(decision === 'always' ? { remember: true } : {}),
    ...asked,
  };
}

async function askArguments(args: string, before: Values): Promise<Value> {
  const start = before['arguments'] === undefined ? args : JSON.stringify(before['arguments']);
  const check = (text: string) => (text === '' ? 'JSON is needed.' : jsonCheck(text));
  return JSON.parse(await askText('Arguments:', { start, check }));
}
