/** What fields and their controls are given. */
import type { FieldBody } from 'cadenza/client';
import type { Filled, Misfits } from './draft.ts';

export interface FieldProps {
  readonly field: FieldBody;
  readonly filled: Filled;
  readonly fill: (value: Filled) => void;
  /** Where its value stands in the answer. */
  readonly pointer: string;
  readonly misfits: Misfits;
}

/** What a control needs to know of the words beside it. */
export interface ControlProps extends FieldProps {
  readonly id: string;
  /** The ids of what describes it. */
  readonly describedBy: string | undefined;
  readonly isWrong: boolean;
}

/** Many choices that need no explanation fit a list better than the page. */
export function isLong(field: {
  readonly choices: readonly string[];
  readonly descriptions?: Readonly<Record<string, string>> | undefined;
}): boolean {
  return field.choices.length > 7 && !field.descriptions;
}
