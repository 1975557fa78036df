/** One run: what you said, what the team does about it, what it asks you, and what came of it. */
import type { RunBody } from 'cadenza/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { OpenQuestions } from '../answer/open-questions.tsx';
import { useRun } from '../log/use-run.ts';
import { isOver, questionsOf, runSentence } from '../log/words.ts';
import type { Work } from '../log/work.ts';
import { AgentWork } from './agent-work.tsx';
import { StopRun } from './stop-run.tsx';
import { TryAgain } from './try-again.tsx';

interface RunViewProps {
  readonly known: RunBody;
  /** Whether the address is this run's, though it is not the last of its conversation. */
  readonly isLinked: boolean;
  /** Told once the run ends while it is looked at. */
  readonly onOver: () => void;
}

export function RunView({ known, isLinked, onOver }: RunViewProps) {
  const [isOpened, open] = useState(!isOver(known));
  const isWaiting = known.status === 'working' && known.queued;
  const { run, work, trouble, take } = useRun(known, isOpened && !isWaiting);
  const ended = isOver(run);
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isLinked) place.current?.scrollIntoView();
  }, [isLinked]);
  const wasOver = useRef(ended);
  useEffect(() => {
    if (ended && !wasOver.current) onOver();
    wasOver.current = ended;
  }, [ended]);
  return (
    <article class="run" ref={place} aria-label={`Run: ${run.user_message.slice(0, 80)}`}>
      <div class="narrow">
        <p class="you" dir="auto">
          <span class="who">You</span>
          {run.user_message}
        </p>
        {isOpened ? (
          <AgentWork work={withoutReport(work.leader, run)} level={0} />
        ) : (
          <button type="button" class="quiet" onClick={() => open(true)}>
            Show the work
          </button>
        )}
        <Outcome run={run} isOpened={isOpened} />
        {!isOpened && run.status !== 'completed' && (
          <p class={toneOf(run)} dir="auto">
            {runSentence(run, work)}
          </p>
        )}
        {trouble && <p class="trouble">{trouble}</p>}
      </div>
      <OpenQuestions questions={questionsOf(run)} onAnswered={take} />
      {isOpened && (
        <div class="narrow progress">
          <p
            role="status"
            tabIndex={-1}
            class={toneOf(run)}
            dir="auto"
            data-at-work={(run.status === 'working' && !isStalled(run)) || undefined}
          >
            {runSentence(run, work)}
          </p>
          {!ended && (
            <span class="stop">
              {isStalled(run) && <TryAgain runId={run.run_id} onTried={take} />}
              <StopRun runId={run.run_id} onStopped={take} />
            </span>
          )}
        </div>
      )}
    </article>
  );
}

/** Whether its model cannot be had for now. */
function isStalled(run: RunBody): boolean {
  return run.status === 'working' && run.stalled !== undefined;
}

function toneOf(run: RunBody): string {
  if (run.status === 'failed') return 'trouble';
  return isOver(run) ? 'soft' : 'live';
}

/** The leader's last words are the run's outcome, and stand below its work. */
function withoutReport(leader: Work, run: RunBody): Work {
  const last = leader.parts.at(-1);
  const isReport =
    run.status === 'completed' && last?.kind === 'said' && last.text === run.final_content;
  return isReport ? { ...leader, parts: leader.parts.slice(0, -1) } : leader;
}

interface OutcomeProps {
  readonly run: RunBody;
  readonly isOpened: boolean;
}

/** What was said until a run failed stands in its work, where that is shown. */
function Outcome({ run, isOpened }: OutcomeProps) {
  if (run.status === 'completed') return <Answer team={run.team} text={run.final_content} />;
  const isLeft = run.status === 'failed' && run.content && !isOpened;
  return isLeft ? <Answer team={run.team} text={run.content} /> : null;
}

function Answer({ team, text }: { readonly team: string; readonly text: string }) {
  return (
    <div class="answer">
      <span class="who">
        <bdi>{team}</bdi>
      </span>
      <p class="said" dir="auto">
        {text}
      </p>
    </div>
  );
}
