/**
 * The open questions of a run, side by side, to be answered in any order. Who sees or hears the page
 * only is led to them when they come, and to the next when one is answered; an address leads to one.
 */
import type { QuestionBody, RunBody } from 'cadenza/client';
import { useEffect, useRef } from 'preact/hooks';
import { readInbox } from '../inbox/open-questions.ts';
import { route } from '../route.ts';
import { QuestionCard } from './question-card.tsx';

interface OpenQuestionsProps {
  readonly questions: readonly QuestionBody[];
  readonly onAnswered: (run: RunBody) => void;
}

export function OpenQuestions({ questions, onAnswered }: OpenQuestionsProps) {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef<string | undefined>(undefined);
  const isLed = useRef(false);
  const ids = questions.map(({ id }) => id).join(' ');
  useEffect(() => {
    const isFirst = shown.current === undefined;
    shown.current = ids;
    if (!isFirst) void readInbox();
    if (!isLed.current && leadTo(meant(), place.current)) isLed.current = true;
    // They may have come before the view did.
    else if ((!isFirst || ids !== '') && isFocusFree()) leadOn(place.current);
  }, [ids]);
  return (
    <div class="questions wide" ref={place}>
      {questions.length > 0 && (
        <ul class="cards plain" aria-label="Open questions">
          {questions.map((question) => (
            <li key={question.id}>
              <QuestionCard question={question} level={2} onAnswered={onAnswered} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The question that the address names. */
function meant(): string | undefined {
  const shown = route.get();
  return shown.view === 'run' ? shown.questionId : undefined;
}

/** Whether it is there. */
function leadTo(questionId: string | undefined, place: HTMLElement | null): boolean {
  const cards = [...(place?.querySelectorAll<HTMLElement>('[data-question]') ?? [])];
  const card = cards.find(({ dataset }) => dataset['question'] === questionId);
  card?.scrollIntoView({ block: 'center' });
  card?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
  return card !== undefined;
}

/** Nobody who is writing is led away. */
function isFocusFree(): boolean {
  const focused = document.activeElement;
  if (focused === null || focused === document.body || focused.id === 'main') return true;
  const isIdleComposer =
    focused instanceof HTMLTextAreaElement && 'composer' in focused.dataset && focused.value === '';
  return isIdleComposer;
}

function leadOn(place: HTMLElement | null): void {
  const question = place?.querySelector<HTMLElement>('.question h2');
  const status = place?.parentElement?.querySelector<HTMLElement>('.progress [role="status"]');
  (question ?? status)?.focus();
}
