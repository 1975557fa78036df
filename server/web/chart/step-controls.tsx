/** Goes through the steps of a run, one by one or by a slider, and back to the last one. */

import { clock } from '../time.ts';
import type { Step } from './bodies.ts';
import { fullName } from './words.ts';

interface StepControlsProps {
  readonly step: Step;
  readonly last: number;
  readonly isLive: boolean;
  /** Whether no step can follow the last any more. */
  readonly isOver: boolean;
  readonly goTo: (revision: number) => void;
  readonly goLive: () => void;
}

export function StepControls({ step, last, isLive, isOver, goTo, goLive }: StepControlsProps) {
  const at = isLive ? last : step.revision;
  const move = (by: number) => goTo(Math.min(last, Math.max(1, at + by)));
  return (
    <fieldset
      class="steps"
      onKeyDown={(event) => {
        const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (by === undefined || event.target instanceof HTMLInputElement) return;
        event.preventDefault();
        move(by);
      }}
    >
      <legend class="unseen">Steps of the run</legend>
      <div class="buttons">
        <button type="button" disabled={at <= 1} onClick={() => move(-1)}>
          ‹ Back
        </button>
        <button type="button" disabled={at >= last} onClick={() => move(1)}>
          Forward ›
        </button>
      </div>
      <input
        type="range"
        aria-label="Step"
        min={1}
        max={last}
        value={at}
        aria-valuetext={`${at} of ${last}`}
        onInput={(event) => goTo(event.currentTarget.valueAsNumber)}
      />
      <p class="place">
        Step <b>{step.revision.toLocaleString('en')}</b> of {last.toLocaleString('en')}
      </p>
      <button type="button" class="follow" aria-pressed={isLive} onClick={goLive}>
        {isOver ? 'Last step' : 'Live'}
      </button>
      <p class="happened" role={isLive ? undefined : 'status'}>
        <code>{step.event.type}</code> at <bdi>{whereOf(step)}</bdi>,{' '}
        <time dateTime={step.at}>{clock(step.at)}</time>
      </p>
    </fieldset>
  );
}

/** To whom the step's event went. */
export function whereOf(step: Step): string {
  const { path } = step.event;
  const actor = [...step.actors, ...step.transitions].find((one) => one.path === path);
  return actor ? fullName(actor, step) : 'the run';
}
