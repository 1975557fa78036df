/** Counts what random cases met, so that a property which holds of nothing is seen. */
import type { SavedRows } from './saved-rows.ts';

export class Tally {
  readonly #counts = new Map<string, number>();

  /** Adds a case: its ended run, and the crashes and restarts that it lived through. */
  addCase({ status, calls, questions, effects, reports }: SavedRows, crashes: number): void {
    this.#add('cases');
    this.#add(`runs ${status}`);
    this.#add('crashes', crashes);
    this.#add('model calls', effects.filter(({ kind }) => kind === 'callModel').length);
    this.#add('reports', reports.length);
    for (const { source } of calls) this.#add(`results by ${source}`);
    for (const one of questions) this.#add(`questions ${one.reason} ${one.status}`);
  }

  /** How often something was met. */
  count(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** All counts, in the order of their names. */
  toString(): string {
    const sorted = [...this.#counts].sort(([a], [b]) => a.localeCompare(b));
    return sorted.map(([what, count]) => `${count} ${what}`).join(', ');
  }

  #add(what: string, count = 1): void {
    this.#counts.set(what, this.count(what) + count);
  }
}
