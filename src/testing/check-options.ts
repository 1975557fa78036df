/**
 * Finds the mistakes in the options of a model server that can be seen before a request comes: for
 * tests that are written without types.
 */

import { checkFaults } from './check-faults.ts';
import type { Faults } from './fault.ts';
import type { ModelServerOptions } from './model-server.ts';

const OPTIONS: Readonly<Record<keyof ModelServerOptions, true>> = {
  port: true,
  record: true,
  unref: true,
  agents: true,
  respond: true,
  refuseToolsWithReasoning: true,
  wantsReasoningContent: true,
  fault: true,
};

/** @throws TypeError for an option or a fault that there is not, and for a script that is no list */
export function checkOptions(options: ModelServerOptions): void {
  const names = Object.keys(OPTIONS);
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new TypeError(
      `A model server has no option "${name}". Its options are: ${names.join(', ')}.`,
    );
  }
  if (typeof options.fault !== 'function') checkFaults(options.fault);
  for (const [agent, script] of Object.entries(options.agents ?? {})) {
    if (!Array.isArray(script)) {
      throw new TypeError(`The script of agent "${agent}" is no list of turns.`);
    }
    for (const [index, turn] of script.entries()) {
      if (turn == null) throw new TypeError(`Turn ${index} of agent "${agent}" is ${turn}.`);
      if (typeof turn === 'object' && 'fault' in turn) checkFaults(turn.fault as Faults);
    }
  }
}
