/** The headers of answers as the contract describes them. */
import { type ProblemCode, problemKinds, retryable } from '../problems.ts';

const described = {
  'Content-Location': 'Where the events of the run can be followed, of a stream.',
  'Idempotency-Replayed': '`true` where the answer was given before, to the same key.',
  Location: 'Where the run is told of.',
  'Preference-Applied':
    'What was done of what `Prefer` asked: `respond-async`, the answer came at once; `wait`, it came after so many seconds at the latest.',
  'Retry-After': 'When to try again, in seconds.',
  'WWW-Authenticate': '`Bearer`: how to say who asks.',
  'X-Request-Id': 'The id of the request: its own `X-Request-Id`, or one that was made.',
} as const;

export type HeaderName = keyof typeof described;

/** Some headers of an answer. */
export function headers(required: boolean, ...names: readonly HeaderName[]) {
  return Object.fromEntries(
    names.map((name) => {
      const schema = { type: name === 'Retry-After' ? ('integer' as const) : ('string' as const) };
      return [name, { description: described[name], required, schema }];
    }),
  );
}

/** What stands in the head of problem documents of one status. */
export function problemHeaders(codes: readonly ProblemCode[]) {
  const passing = codes.filter((code) => retryable.has(code));
  return {
    ...(passing.length > 0 ? headers(passing.length === codes.length, 'Retry-After') : {}),
    ...(codes.some((code) => problemKinds[code].status === 401)
      ? headers(true, 'WWW-Authenticate')
      : {}),
  };
}
