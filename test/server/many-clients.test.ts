/** Of many who answer one question at once, one is taken; `npm run proofs` plays more rounds. */
import { test } from 'node:test';
import { contest } from '../proofs/many-clients.ts';

test('of 200 answers at once one is taken, or all for one if they are equal, 10 times', (t) =>
  contest(t, 10));
