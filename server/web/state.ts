/** Values that several parts of the page show, and are shown anew when they change. */
import { useEffect, useState } from 'preact/hooks';

export interface Cell<T> {
  get(): T;
  set(value: T): void;
  /** Calls back at each change; returns how to stop that. */
  watch(changed: () => void): () => void;
}

export function cell<T>(first: T): Cell<T> {
  let value = first;
  const watchers = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const changed of watchers) changed();
    },
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
  };
}

/** The value of a cell, as it is now. */
export function useCell<T>(watched: Cell<T>): T {
  const [value, setValue] = useState(watched.get());
  useEffect(() => {
    setValue(() => watched.get());
    return watched.watch(() => setValue(() => watched.get()));
  }, [watched]);
  return value;
}
