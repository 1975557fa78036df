/** What each step did: when, on which event, whom it moved from where to where, and what it asked for. */
import { useEffect, useRef } from 'preact/hooks';
import { clock } from '../time.ts';
import type { Step, Transition } from './bodies.ts';
import { whereOf } from './step-controls.tsx';
import { effectsIn, fullName, innerState } from './words.ts';

interface StepLogProps {
  /** Oldest first. */
  readonly steps: readonly Step[];
  readonly last: number;
  /** The number of the step that is shown. */
  readonly at: number;
  /** Shows a step, and brings it before your eyes. */
  readonly show: (revision: number) => void;
  /** Shows a step, and leaves you where you are. */
  readonly goTo: (revision: number) => void;
  readonly showEarlier: () => void;
  readonly showLater: () => void;
}

export function StepLog({ steps, last, at, show, goTo, showEarlier, showLater }: StepLogProps) {
  const table = useRef<HTMLTableElement>(null);
  const isMoved = useRef(false);
  useEffect(() => {
    // Whoever goes through the list with the keys stays at the line that they came to.
    if (isMoved.current) table.current?.querySelector<HTMLElement>('[aria-current]')?.focus();
    isMoved.current = false;
  }, [at]);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (by === undefined || at + by < 1 || at + by > last) return;
    event.preventDefault();
    isMoved.current = true;
    goTo(at + by);
  };
  const [oldest] = steps;
  const newest = steps.at(-1);
  return (
    <section class="log" aria-labelledby="log">
      <h2 id="log">Steps, the latest first</h2>
      {newest && newest.revision < last && (
        <button type="button" class="quiet" onClick={showLater}>
          Show later steps
        </button>
      )}
      <table ref={table} onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Time</th>
            <th scope="col">Event</th>
            <th scope="col">From → to</th>
            <th scope="col">Effects</th>
          </tr>
        </thead>
        <tbody>
          {steps.toReversed().map((step) => (
            <Line key={step.revision} step={step} isShown={step.revision === at} show={show} />
          ))}
        </tbody>
      </table>
      {oldest && oldest.revision > 1 && (
        <button type="button" class="quiet" onClick={showEarlier}>
          Show earlier steps
        </button>
      )}
    </section>
  );
}

interface LineProps {
  readonly step: Step;
  readonly isShown: boolean;
  readonly show: (revision: number) => void;
}

function Line({ step, isShown, show }: LineProps) {
  const { revision, at, event, transitions } = step;
  return (
    <tr class="step" data-revision={revision} data-shown={isShown || undefined}>
      <th scope="row">
        <button
          type="button"
          class="quiet"
          tabIndex={isShown ? 0 : -1}
          aria-current={isShown ? 'step' : undefined}
          aria-label={`Show step ${revision}`}
          onClick={() => show(revision)}
        >
          {revision}
        </button>
      </th>
      <td>
        <time dateTime={at}>{clock(at)}</time>
      </td>
      <td>
        <code>{event.type}</code> <bdi class="soft">{whereOf(step)}</bdi>
      </td>
      <td>
        {transitions.length === 0 ? (
          <span class="soft">nobody moved</span>
        ) : (
          <ul class="plain">
            {transitions.map((one) => (
              <li key={one.path}>
                <Move move={one} step={step} />
              </li>
            ))}
          </ul>
        )}
      </td>
      <td>{effectsIn(step)}</td>
    </tr>
  );
}

function Move({ move, step }: { readonly move: Transition; readonly step: Step }) {
  return (
    <>
      <bdi>{fullName(move, step)}</bdi>{' '}
      <span class="move">
        {move.from === null ? '' : `${innerState(move.from)} `}→ {innerState(move.to)}
      </span>
    </>
  );
}
