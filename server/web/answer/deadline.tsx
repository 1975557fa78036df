/** How long a question can still be answered, and what happens then. */
import type { QuestionBody } from 'cadenza/client';
import { duration, useTimeLeft } from '../time.ts';

interface DeadlineProps {
  readonly expiresAt: string;
  readonly onExpiry: QuestionBody['on_expiry'];
}

export function Deadline({ expiresAt, onExpiry }: DeadlineProps) {
  const left = useTimeLeft(expiresAt);
  const moment = new Date(expiresAt).toLocaleString('en');
  return (
    <p class="deadline" data-soon={left < 60_000 || undefined}>
      <time dateTime={expiresAt} title={moment} role="timer">
        {left > 0 ? `${duration(left)} left` : 'Time is up'}
      </time>{' '}
      <span>{consequence(onExpiry)}</span>
    </p>
  );
}

function consequence(onExpiry: QuestionBody['on_expiry']): string {
  if (onExpiry === 'fail') return 'then the run fails';
  if (typeof onExpiry !== 'object') return 'then it is declined';
  const values = Object.entries(onExpiry.answer).map(([name, value]) => `${name} ${told(value)}`);
  return `then the answer is: ${values.join(', ')}`;
}

function told(value: unknown): string {
  return typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
}
