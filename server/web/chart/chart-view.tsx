/** How a run stands, and how it came there: its actors, their charts, and every step that was taken. */
import type { DrawingBody, RunBody } from 'cadenza/client';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { client, sentenceOf } from '../api.ts';
import { isOver } from '../log/words.ts';
import { useCell } from '../state.ts';
import { type ActorNow, ActorTree, actorsOf } from './actor-tree.tsx';
import type { ActorKind, Step } from './bodies.ts';
import { ChosenActor } from './chosen-actor.tsx';
import { NextEvents } from './next-events.tsx';
import { StepControls } from './step-controls.tsx';
import { StepLog } from './step-log.tsx';
import { newTimeline, type Shown, type Timeline } from './timeline.ts';
import { Why } from './why.tsx';

/** @param props.known the run, as far as it is known */
export function ChartView({ known }: { readonly known: RunBody }) {
  const timeline = useMemo(() => newTimeline(known), [known.run_id]);
  useEffect(() => timeline.follow(), [timeline]);
  const shown = useCell(timeline.shown);
  const trouble = useCell(timeline.trouble);
  const { drawings, drawingTrouble } = useDrawings();
  return (
    <div class="broad chart-view">
      {(trouble ?? drawingTrouble) && <p class="trouble">{trouble ?? drawingTrouble}</p>}
      {!shown && !trouble && <p class="lead">One moment…</p>}
      {shown && <Why explanation={shown.explanation} />}
      {shown && !shown.step && <p class="lead">The run has taken no step yet.</p>}
      {shown?.step && drawings && (
        <Steps shown={shown} step={shown.step} timeline={timeline} drawings={drawings} />
      )}
    </div>
  );
}

type Drawings = Readonly<Record<ActorKind, DrawingBody>>;

interface StepsProps {
  readonly shown: Shown;
  readonly step: Step;
  readonly timeline: Timeline;
  readonly drawings: Drawings;
}

function Steps({ shown, step, timeline, drawings }: StepsProps) {
  const { explanation, isLive, around } = shown;
  const { revision: last, status } = explanation;
  const actors = actorsOf(step);
  const { chosen, choose, isFollowing, setFollowing } = useChosen(actors, step);
  const explained = new Map(
    (step.revision === last ? explanation.actors : []).map((actor) => [actor.path, actor]),
  );
  const picture = useRef<HTMLDivElement>(null);
  return (
    <>
      <StepControls
        step={step}
        last={last}
        isLive={isLive}
        isOver={isOver({ status })}
        goTo={timeline.goTo}
        goLive={timeline.goLive}
      />
      <div class="picture" ref={picture} data-step={step.revision}>
        <div class="aside">
          <ActorTree
            actors={actors}
            chosen={chosen?.path ?? ''}
            choose={choose}
            explained={explained}
          />
          <label class="option">
            <input
              type="checkbox"
              checked={isFollowing}
              onChange={(event) => setFollowing(event.currentTarget.checked)}
            />
            <span>Show the actor of each step</span>
          </label>
          {chosen && (
            <NextEvents actor={chosen} events={explained.get(chosen.path)?.events ?? []} />
          )}
        </div>
        {chosen && <ChosenActor actor={chosen} step={step} drawing={drawings[chosen.kind]} />}
      </div>
      <StepLog
        steps={around}
        last={last}
        at={step.revision}
        show={(revision) => {
          timeline.goTo(revision);
          picture.current?.scrollIntoView();
        }}
        goTo={timeline.goTo}
        showEarlier={timeline.showEarlier}
        showLater={timeline.showLater}
      />
    </>
  );
}

/**
 * Who is looked at: whom the step's event went to, or whoever you chose. While that one is not there,
 * it is the one that it belonged to.
 */
function useChosen(actors: readonly ActorNow[], step: Step) {
  const [lineage, setLineage] = useState<readonly string[]>([]);
  const [isFollowing, setFollowing] = useState(true);
  const find = (path: string | null) => actors.find((actor) => actor.path === path);
  const wanted = isFollowing ? [step.event.path] : lineage;
  const chosen = wanted.flatMap((path) => find(path) ?? []).at(0) ?? actors[0];
  return {
    chosen,
    isFollowing,
    setFollowing(follows: boolean) {
      setFollowing(follows);
      if (chosen) setLineage(lineageOf(chosen));
    },
    choose(actor: ActorNow) {
      setFollowing(false);
      setLineage(lineageOf(actor));
    },
  };

  function lineageOf(actor: ActorNow): string[] {
    const above = find(actor.parent);
    return [actor.path, ...(above ? lineageOf(above) : [])];
  }
}

/** The two charts that every agent and every tool call follows. */
function useDrawings() {
  const [drawings, setDrawings] = useState<Drawings>();
  const [drawingTrouble, setTrouble] = useState<string>();
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const read = async () => {
      const [agent, call] = await Promise.all([
        client.chart('agent', { signal }),
        client.chart('tool_call', { signal }),
      ]);
      setDrawings({ agent, tool_call: call });
    };
    read().catch((error: unknown) => signal.aborted || setTrouble(sentenceOf(error)));
    return () => stop.abort();
  }, []);
  return { drawings, drawingTrouble };
}
