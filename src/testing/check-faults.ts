/** Tells a fault that there is from one that there is not. */

import { type FaultParts, type Faults, PLAIN_FAULTS, QUIRKS } from './fault.ts';

/** Faults that have settings. */
const SET_FAULTS = [
  'stall',
  'rate_limit',
  'context_length',
  'error_in_stream',
  'cut',
  'drip',
  'status',
  'unsupported_parameter',
] as const satisfies readonly FaultParts['name'][];

const NAMES: ReadonlySet<unknown> = new Set([...QUIRKS, ...PLAIN_FAULTS, ...SET_FAULTS]);

/** @throws TypeError for a fault that there is not, as a test without types may name one */
export function checkFaults(faults: Faults | undefined): void {
  for (const fault of faults === undefined ? [] : [faults].flat()) {
    const name: unknown = typeof fault === 'string' ? fault : Object(fault).name;
    if (NAMES.has(name)) continue;
    throw new TypeError(`There is no fault "${name}". Those there are: ${[...NAMES].join(', ')}.`);
  }
}
