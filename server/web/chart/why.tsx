/** Why a run stands where it stands, in one sentence, and who waits for the person. */
import type { ExplanationBody } from 'cadenza/client';
import { hrefOf } from '../route.ts';
import type { ExplainedActor } from './bodies.ts';

export function Why({ explanation }: { readonly explanation: ExplanationBody }) {
  const { run_id: runId, sentence, stalled, actors } = explanation;
  const asking = actors.filter(({ kind, question_ids: ids }) => kind === 'agent' && ids.length > 0);
  return (
    <section class="why" aria-labelledby="why">
      <h2 id="why">Why</h2>
      <p class="sentence" role="status" dir="auto" data-stalled={stalled || undefined}>
        {sentence}
      </p>
      {asking.length > 0 && (
        <ul class="plain">
          {asking.map((actor) => (
            <li key={actor.path}>
              <span dir="auto">{actor.sentence}</span> <Questions actor={actor} runId={runId} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface QuestionsProps {
  readonly actor: ExplainedActor;
  readonly runId: string;
}

function Questions({ actor: { question_ids: ids }, runId }: QuestionsProps) {
  return (
    <>
      {ids.map((questionId, index) => (
        <a key={questionId} href={hrefOf({ view: 'run', runId, tab: 'talk', questionId })}>
          Answer{ids.length > 1 ? ` question ${index + 1}` : ''}
        </a>
      ))}
    </>
  );
}
