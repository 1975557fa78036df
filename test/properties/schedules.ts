/** Random schedules: what a client, the clock and the machine do to a run, as plain data. */
import fc from 'fast-check';

/** What does not fit about an answer. */
export type Mistake = 'missing' | 'type' | 'extra' | 'unknownQuestion' | 'oneOfTwo';

/** `seed` decides what is left open: which question, which values, which order. */
export type Action =
  | {
      readonly do: 'answer';
      readonly which: 'one' | 'some' | 'all';
      readonly together: boolean;
      /** False: the next action does not wait for this one. */
      readonly wait: boolean;
      readonly seed: number;
    }
  | { readonly do: 'answerWrongly'; readonly mistake: Mistake; readonly seed: number }
  /** An earlier answer once more, word for word. */
  | { readonly do: 'repeat'; readonly seed: number }
  /** Another answer to a question that is closed. */
  | { readonly do: 'answerLate'; readonly seed: number }
  /** Two answers to one question at the same moment. */
  | { readonly do: 'answerTwice'; readonly same: boolean; readonly seed: number }
  | { readonly do: 'cancel' }
  | { readonly do: 'letTimePass'; readonly ms: number }
  /** The process dies at once, or when it has passed so many boundaries. */
  | { readonly do: 'crash'; readonly boundaries: number }
  /** The process is closed in good order. */
  | { readonly do: 'restart' };

const seed = fc.nat(999);

const answer = fc.record({
  do: fc.constant('answer' as const),
  which: fc.constantFrom('one', 'some', 'all'),
  together: fc.boolean(),
  wait: fc.oneof({ arbitrary: fc.constant(true), weight: 3 }, fc.constant(false)),
  seed,
});

const mistakes = ['missing', 'type', 'extra', 'unknownQuestion', 'oneOfTwo'] as const;

const action: fc.Arbitrary<Action> = fc.oneof(
  { arbitrary: answer, weight: 10 },
  {
    arbitrary: fc.record({
      do: fc.constant('answerWrongly' as const),
      mistake: fc.constantFrom(...mistakes),
      seed,
    }),
    weight: 3,
  },
  { arbitrary: fc.record({ do: fc.constant('repeat' as const), seed }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('answerLate' as const), seed }), weight: 2 },
  {
    arbitrary: fc.record({ do: fc.constant('answerTwice' as const), same: fc.boolean(), seed }),
    weight: 3,
  },
  { arbitrary: fc.record({ do: fc.constant('cancel' as const) }), weight: 1 },
  {
    arbitrary: fc.record({
      do: fc.constant('letTimePass' as const),
      ms: fc.integer({ min: 1, max: 25 }),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      boundaries: fc.oneof(fc.nat(15), fc.nat(60)),
    }),
    weight: 6,
  },
  { arbitrary: fc.record({ do: fc.constant('restart' as const) }), weight: 1 },
);

/** What happens to a run from its start on. */
export const schedules = fc.record({
  /** The process dies so many boundaries after the start; null: it does not. */
  crashAtStart: fc.option(fc.nat(60)),
  waitForStart: fc.boolean(),
  actions: fc.array(action, { minLength: 2, maxLength: 12 }),
});

export type Schedule = typeof schedules extends fc.Arbitrary<infer S> ? S : never;
