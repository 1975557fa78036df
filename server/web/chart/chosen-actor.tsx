/** The actor that is looked at: its state, how it came there, and its chart. */
import type { DrawingBody } from 'cadenza/client';
import { clock } from '../time.ts';
import type { ActorNow } from './actor-tree.tsx';
import type { Step } from './bodies.ts';
import { ChartDrawing } from './drawing.tsx';
import { routeTaken } from './route-taken.ts';
import { fullName, stateName } from './words.ts';

interface ChosenActorProps {
  readonly actor: ActorNow;
  readonly step: Step;
  readonly drawing: DrawingBody;
}

export function ChosenActor({ actor, step, drawing }: ChosenActorProps) {
  const { path, kind, state } = actor;
  const move = step.transitions.find((one) => one.path === path);
  const route = move ? routeTaken(drawing.edges, move, step.event.type) : [];
  const since = step.actors.find((one) => one.path === path)?.since ?? step.at;
  const about = drawing.nodes.find(({ id }) => id === state)?.description;
  const way = move && wayOf(move, step);
  const name = fullName(actor, step);
  return (
    <section class="chosen" aria-labelledby="chosen">
      <header>
        <h2 id="chosen">
          <bdi>{name}</bdi> <span class="soft">{kind === 'agent' ? 'agent' : 'tool call'}</span>
        </h2>
        <p>
          In <b class="state-name">{stateName(state)}</b> since{' '}
          <time dateTime={since}>{clock(since)}</time>
          {way && <span class="soft"> · {way}</span>}
        </p>
        {about && <p class="soft">{about}</p>}
      </header>
      <ChartDrawing
        drawing={drawing}
        title={`Chart of ${name}`}
        description={`In ${stateName(state)}${way ? `, ${way}` : ''}.`}
        state={state}
        route={route}
      />
    </section>
  );
}

function wayOf({ from }: Step['transitions'][number], { event }: Step): string {
  return `${from === null ? 'begun' : `from ${stateName(from)}`} on ${event.type}`;
}
