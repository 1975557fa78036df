/** One run: what you said, what the team does about it, what it asks you, and what came of it. */
import type { RunBody } from 'cadenza/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { OpenQuestions } from '../answer/open-questions.tsx';
import { useRun } from '../log/use-run.ts';
import { isOver, questionsOf, runSentence } from '../log/words.ts';
import type { Work } from '../log/work.ts';
import { AgentWork } from './agent-work.tsx';
import { StopRun } from './stop-run.tsx';

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
        <Outcome run={run} />
        {trouble && <p class="trouble">{trouble}</p>}
      </div>
      <OpenQuestions questions={questionsOf(run)} onAnswered={take} />
      {isOpened && (
        <div class="narrow progress">
          <p role="status" tabIndex={-1} class={ended ? 'soft' : 'live'} data-status={run.status}>
            {runSentence(run, work)}
          </p>
          {!ended && <StopRun runId={run.run_id} onStopped={take} />}
        </div>
      )}
    </article>
  );
}

/** The leader's last words are the run's outcome, and stand below its work. */
function withoutReport(leader: Work, run: RunBody): Work {
  const last = leader.parts.at(-1);
  const isReport =
    run.status === 'completed' && last?.kind === 'said' && last.text === run.final_content;
  return isReport ? { ...leader, parts: leader.parts.slice(0, -1) } : leader;
}

function Outcome({ run }: { readonly run: RunBody }) {
  switch (run.status) {
    case 'completed':
      return <Answer team={run.team} text={run.final_content} />;
    case 'failed':
      return (
        <>
          {run.content && <Answer team={run.team} text={run.content} />}
          <p class="trouble" dir="auto">
            {run.error.message}
          </p>
        </>
      );
    case 'cancelled':
      return <p class="soft">You stopped this run.</p>;
    default:
      return null;
  }
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
