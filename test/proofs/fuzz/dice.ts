/** Chances that fall the same way again: each request of the fuzz has dice of its own. */

export interface Dice {
  /** A whole number from 0, below `n`. */
  below(n: number): number;
  /** Whether a chance of one in `n` came true. */
  oneIn(n: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** Mulberry32: small, even, and the same on every machine. */
export function dice(seed: number): Dice {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (n: number) => Math.floor(next() * n);
  return {
    below,
    oneIn: (n) => below(n) === 0,
    pick: <T>(list: readonly T[]) => {
      if (list.length === 0) throw new Error('There is nothing to pick from.');
      return list[below(list.length)] as T;
    },
  };
}
