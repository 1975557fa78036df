/** Asks questions in the terminal, one line for each field. */
import { createInterface } from 'node:readline';
import type { FieldAnswer, Question } from 'cadenza';

/** Returns the answers as text; Cadenza reads them as the types of their fields. */
export async function ask(questions: readonly Question[]): Promise<FieldAnswer[]> {
  const terminal = createInterface({ input: process.stdin });
  const lines = terminal[Symbol.asyncIterator]();
  const answers: FieldAnswer[] = [];
  for (const { id, askedBy, fields } of questions) {
    for (const { name, label } of fields) {
      process.stdout.write(`${askedBy}: ${label}\n> `);
      const { value = '' } = await lines.next();
      answers.push({ questionId: id, fieldName: name, value });
    }
  }
  terminal.close();
  return answers;
}
