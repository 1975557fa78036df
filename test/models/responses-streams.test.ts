/** Odd streams of the Responses API: a turn, a retry, or a clean failure, wherever they are cut off. */
import { responsesFailures } from './streams/responses-failures.ts';
import { responsesTurns } from './streams/responses-turns.ts';
import { testStreams } from './streams/stream-checks.ts';

testStreams([...responsesTurns, ...responsesFailures]);
