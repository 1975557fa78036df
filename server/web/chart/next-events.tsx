/** What an actor can take next, and when that comes. */
import type { ActorNow } from './actor-tree.tsx';
import type { ExplainedActor } from './bodies.ts';
import { occasion, ownName } from './words.ts';

interface NextEventsProps extends Pick<ExplainedActor, 'events'> {
  readonly actor: ActorNow;
}

export function NextEvents({ actor, events }: NextEventsProps) {
  if (events.length === 0) return null;
  return (
    <section class="next" aria-labelledby="next">
      <h2 id="next">
        <bdi>{ownName(actor)}</bdi> can take next
      </h2>
      <dl>
        {events.map((event) => (
          <div key={event.type} data-cause={event.cause}>
            <dt>
              <code>{event.type}</code>
            </dt>
            <dd>{occasion(event)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
