/**
 * A process that tells a webhook of its runs, until it is killed.
 *
 * Arguments: the database file, the model server's url, the webhook's url, and, for a process that
 * starts a run and dies, the boundary at which it kills itself.
 */
import { onBoundary } from '../../src/boundary.ts';
import { createRuntime, sqliteStore } from '../../src/index.ts';
import { askingTeam } from './asking.ts';

const [db = '', model = '', url = '', dieAt] = process.argv.slice(2);
setInterval(() => undefined, 1_000);

onBoundary((name) => {
  if (name === dieAt) process.kill(process.pid, 'SIGKILL');
});
const runtime = await createRuntime({
  teams: askingTeam(model),
  store: sqliteStore(db),
  webhooks: [
    { url, secret: 'a secret of the tests', events: ['question.opened'], allowPrivate: true },
  ],
});
if (dieAt !== undefined) await runtime.start({ message: 'Pay' });
