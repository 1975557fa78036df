/** Of many who answer one question at once, one is taken. */
import { test } from 'node:test';
import { contest } from '../kit/many-clients.ts';

test('of 200 answers at once one is taken, or all for one if they are equal, 50 times', (t) =>
  contest(t, 50));
