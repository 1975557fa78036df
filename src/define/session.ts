/** The state of a session, as a tool sees it: small JSON by key, kept across runs. */
export interface Session {
  readonly id: string;
  /** The value of a key; undefined if there is none. */
  get(key: string): unknown;
  /**
   * Sets a key to any JSON, or removes it with undefined or null. The change is saved together with
   * the tool's result or question, and not at all if the tool throws, takes too long or is
   * interrupted. Of two tools that set one key at once, the one that finishes later wins.
   */
  set(key: string, value: unknown): void;
}
