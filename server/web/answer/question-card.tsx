/** An open question: who asks, what about, until when, and the form that answers it. */
import type { QuestionBody, RunBody } from 'cadenza/client';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { AnswerForm } from './answer-form.tsx';
import { ApprovalForm } from './approval-form.tsx';
import { Deadline } from './deadline.tsx';
import { Exact } from './exact.tsx';

interface QuestionCardProps {
  readonly question: QuestionBody;
  /** The level of its heading. */
  readonly level: 2 | 3;
  readonly onAnswered: (run: RunBody) => void;
  /** What stands between its heading and its form. */
  readonly children?: ComponentChildren;
}

export function QuestionCard({ question, level, onAnswered, children }: QuestionCardProps) {
  const id = useId();
  const Heading = level === 2 ? 'h2' : 'h3';
  const Form = question.reason === 'approval' ? ApprovalForm : AnswerForm;
  return (
    <section class="question" aria-labelledby={id} data-question={question.id}>
      <p class="asker">
        <bdi class="name">{askerOf(question)}</bdi> {reasons[question.reason]}
      </p>
      <Heading id={id} tabIndex={-1} dir="auto">
        {question.prompt}
      </Heading>
      {question.expires_at !== undefined && (
        <Deadline expiresAt={question.expires_at} onExpiry={question.on_expiry} />
      )}
      {children}
      {onlyAsks(question) ? (
        <p class="origin">The model wrote what is asked below.</p>
      ) : (
        <Exact title="Arguments, written by the model" json={question.arguments} />
      )}
      <Form question={question} onAnswered={onAnswered} />
    </section>
  );
}

const reasons: Readonly<Record<QuestionBody['reason'], string>> = {
  input_required: 'asks you',
  approval: 'asks for your approval',
  external_execution: 'needs work done elsewhere',
  outcome_unknown: 'was interrupted',
};

/** The members' names, the leader's left out where it has any below it. */
function askerOf({ asked_by: askedBy }: QuestionBody): string {
  const names = askedBy.split('/');
  return (names.length > 1 ? names.slice(1) : names).join(' › ');
}

/** Tools that only ask: what they show are the model's own words. */
function onlyAsks({ tool_name: tool }: QuestionBody): boolean {
  return ['get_user_input', 'ask_user'].includes(tool);
}
