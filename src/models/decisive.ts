/** Which error decides where neither a model nor its fallback answers: the one that leaves more hope. */
import type { RunError } from '../errors.ts';
import type { ModelFault } from './model.ts';

/**
 * The error that decides. A model that may come back decides over one that will not, unless that one
 * refused to go on: it did answer. Of two that may come back it is the one that can be asked sooner.
 *
 * @param first the error of the model that was asked first
 * @param second the error of what was asked in its place
 */
export function decisive(first: RunError, second: RunError): RunError {
  if (second.code === 'model_refused') return second;
  const [hope, otherHope] = [hopeOf(first), hopeOf(second)];
  if (hope !== otherHope) return hope > otherHope ? first : second;
  return isSooner(first, second) ? first : second;
}

/** 2: by itself; 1: when a person does something; 0: never. */
function hopeOf({ code, details }: RunError): number {
  if (details['retryable'] === true) return 2;
  return code === 'model_unavailable' ? 1 : 0;
}

function isSooner(first: RunError, second: RunError): boolean {
  const [isSpared, isOtherSpared] = [wasSpared(first), wasSpared(second)];
  return isSpared === isOtherSpared ? waitOf(first) < waitOf(second) : isOtherSpared;
}

/** Nothing was sent, so nothing is known of how the model is now. */
function wasSpared({ details }: RunError): boolean {
  const fault: ModelFault = 'breaker_open';
  return details['fault'] === fault;
}

function waitOf({ details }: RunError): number {
  return Number(details['longWaitMs'] ?? details['retryAfterMs'] ?? 0);
}
