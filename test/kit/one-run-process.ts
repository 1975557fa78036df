/**
 * A process that has nothing to do but one run, and says what came of it.
 *
 * Arguments: the database file, the model server's url.
 */
import { createRuntime, defineAgent, openai, sqliteStore } from '../../src/index.ts';

const [db = '', baseURL = ''] = process.argv.slice(2);
const desk = defineAgent({ name: 'Desk', model: openai('gpt-4o-mini', { baseURL, apiKey: 'x' }) });
const runtime = await createRuntime({ teams: [desk], store: sqliteStore(db) });
const run = await runtime.start({ message: 'Hello' });
console.log(run.status);
