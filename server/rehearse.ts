/** Plays the model where there is none. */
import { startModelServer } from '../src/testing/index.ts';

/** What is said of it. */
export const rehearsal =
  'No OPENAI_API_KEY is set: a rehearsal model on this machine plays the model.';

/** Starts the rehearsal model if the environment names no other; says whether it did. */
export async function rehearseIfAlone(): Promise<boolean> {
  if (process.env['OPENAI_API_KEY'] || process.env['OPENAI_BASE_URL']) return false;
  const model = await startModelServer({ record: false });
  process.env['OPENAI_BASE_URL'] = model.url;
  process.env['OPENAI_API_KEY'] = 'rehearsal';
  return true;
}
