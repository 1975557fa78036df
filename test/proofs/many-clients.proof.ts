/** Of many who answer one question at once, one is taken. */
import { test } from 'node:test';
import { contest } from './many-clients.ts';

test('of 200 different answers at once one is taken, 50 times', (t) => contest(t, 50));
