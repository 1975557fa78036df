/** Who is at work in a run, and below whom: each with what it does or waits for. */
import type { ExplainedActor, Step } from './bodies.ts';
import { ownName, standingIn, waitsFor } from './words.ts';

/** An actor after a step, be it one that ended in it. */
export interface ActorNow {
  readonly path: string;
  readonly parent: string | null;
  readonly kind: ExplainedActor['kind'];
  readonly name: string;
  readonly state: string;
}

/** The actors after a step; those that ended in it come last of their kin. */
export function actorsOf({ actors, transitions }: Step): ActorNow[] {
  const left = new Set(actors.map(({ path }) => path));
  const ended = transitions.filter(({ path }) => !left.has(path));
  return [...actors, ...ended.map(({ to, ...actor }) => ({ ...actor, state: to }))];
}

interface ActorTreeProps {
  readonly actors: readonly ActorNow[];
  readonly chosen: string;
  readonly choose: (actor: ActorNow) => void;
  /** What is said of each actor now; empty if the step that is shown is not the last. */
  readonly explained: ReadonlyMap<string, ExplainedActor>;
}

export function ActorTree(props: ActorTreeProps) {
  return (
    <section class="actors" aria-label="Actors of the run">
      <Branch {...props} parent={null} />
    </section>
  );
}

function Branch({ parent, ...props }: ActorTreeProps & { readonly parent: string | null }) {
  const inside = props.actors.filter((actor) => actor.parent === parent);
  if (inside.length === 0) return null;
  return (
    <ul class="plain">
      {inside.map((actor) => (
        <li key={actor.path}>
          <button
            type="button"
            class="actor"
            data-path={actor.path}
            data-state={actor.state}
            data-waits={waitsFor(actor, props.actors)}
            aria-current={actor.path === props.chosen ? 'true' : undefined}
            onClick={() => props.choose(actor)}
          >
            <bdi class={actor.kind === 'agent' ? 'name' : 'name tool'}>{ownName(actor)}</bdi>{' '}
            <span class="soft">{standing(actor, props)}</span>
          </button>
          <Branch {...props} parent={actor.path} />
        </li>
      ))}
    </ul>
  );
}

/** What is said of an actor begins with its name, which stands above it already. */
function standing(actor: ActorNow, { actors, explained }: ActorTreeProps): string {
  const name = `"${ownName(actor)}" `;
  const sentence = explained.get(actor.path)?.sentence;
  if (!sentence?.startsWith(name)) return standingIn(actor, actors);
  return sentence.slice(name.length).replace(/\.$/, '');
}
