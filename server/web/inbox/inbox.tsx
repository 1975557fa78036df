/** Every open question of every run, to be answered here or where it came up. */
import type { QuestionBody } from 'cadenza/client';
import { QuestionCard } from '../answer/question-card.tsx';
import { count } from '../log/words.ts';
import { hrefOf } from '../route.ts';
import { useCell } from '../state.ts';
import { ago } from '../time.ts';
import { inbox, readInbox } from './open-questions.ts';

export function Inbox() {
  const { isRead, questions, hasMore, trouble } = useCell(inbox);
  return (
    <div class="wide">
      <h1>Inbox</h1>
      <p class="lead" role="status">
        {told(isRead, questions.length, hasMore)}
      </p>
      {!isRead && trouble && <p class="trouble">{trouble}</p>}
      <ul class="cards plain">
        {questions.map((question) => (
          <li key={question.id}>
            <QuestionCard question={question} level={2} onAnswered={() => void readInbox()}>
              <Origin question={question} />
            </QuestionCard>
          </li>
        ))}
      </ul>
    </div>
  );
}

function told(isRead: boolean, number: number, hasMore: boolean): string {
  if (!isRead) return '';
  if (number === 0) return 'Nobody waits for you.';
  return hasMore
    ? `The oldest ${count(number, 'question')}; there are more.`
    : `${count(number, 'question')}, the oldest first.`;
}

function Origin({ question }: { readonly question: QuestionBody }) {
  const { run_id: runId, opened_at: openedAt, claimed_by: claimedBy, assignee } = question;
  const whose = claimedBy ?? assignee;
  return (
    <p class="origin">
      <a href={hrefOf({ view: 'run', runId, tab: 'talk', questionId: question.id })}>
        Open the conversation
      </a>
      <span>
        team <bdi>{question.asked_by.split('/')[0]}</bdi>
      </span>
      <span>
        asked <time dateTime={openedAt}>{ago(openedAt)}</time>
      </span>
      {whose !== undefined && (
        <span>
          {claimedBy ? 'taken by ' : 'given to '}
          <bdi>{whose}</bdi>
        </span>
      )}
    </p>
  );
}
