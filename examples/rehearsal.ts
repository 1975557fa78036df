/** Loaded before an example: without a key, a rehearsal model on this machine plays the model. */
import { startModelServer } from 'cadenza/testing';

if (!process.env['OPENAI_API_KEY'] && !process.env['OPENAI_BASE_URL']) {
  const model = await startModelServer({ record: false, unref: true });
  process.env['OPENAI_BASE_URL'] = model.url;
  process.env['OPENAI_API_KEY'] = 'rehearsal';
}
