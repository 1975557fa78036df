/** Answers a question by filling in its fields, or declines it. */
import type { QuestionBody, RunBody } from 'cadenza/client';
import { useEffect } from 'preact/hooks';
import { pointerTo } from './draft.ts';
import { FieldControl } from './field.tsx';
import { fieldsOfSchema } from './schema-fields.ts';
import { type AnswerState, useAnswer } from './use-answer.ts';

export interface FormProps {
  readonly question: QuestionBody;
  readonly onAnswered: (run: RunBody) => void;
}

export function AnswerForm({ question, onAnswered }: FormProps) {
  const answer = useAnswer(question, onAnswered);
  const { fields } = question;
  useEffect(() => {
    // What another system returned is filled in field by field where its schema allows it.
    for (const field of fields) {
      const isFlat = field.type === 'object' && fieldsOfSchema(field.schema) !== undefined;
      if (isFlat && answer.draft[field.name] === undefined) answer.fill(field.name, {});
    }
  }, []);
  const send = () => answer.send(fields);
  return (
    <form
      ref={answer.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
      }}
    >
      <Trouble answer={answer} />
      <Fields question={question} names={fields.map(({ name }) => name)} answer={answer} />
      <div class="buttons">
        <button type="submit" class="main" disabled={answer.isSending}>
          {answer.isSending ? 'Sending…' : 'Answer'}
        </button>
        {/* Whoever will not have an interrupted tool run again chooses to give up. */}
        {question.reason !== 'outcome_unknown' && (
          <button type="button" disabled={answer.isSending} onClick={answer.decline}>
            Decline
          </button>
        )}
      </div>
    </form>
  );
}

export function Trouble({ answer }: { readonly answer: AnswerState }) {
  const whole = answer.misfits.get('');
  if (!answer.trouble && whole === undefined) return null;
  return (
    <p class="trouble" role="alert">
      {whole === undefined ? answer.trouble : `The answer ${whole}.`}
    </p>
  );
}

interface FieldsProps {
  readonly question: QuestionBody;
  /** Which of the question's fields, in its order. */
  readonly names: readonly string[];
  readonly answer: AnswerState;
}

export function Fields({ question, names, answer }: FieldsProps) {
  const shown = question.fields.filter(({ name }) => names.includes(name));
  return (
    <>
      {shown.map((field) => (
        <FieldControl
          key={field.name}
          field={field}
          filled={answer.draft[field.name]}
          fill={(value) => answer.fill(field.name, value)}
          pointer={pointerTo(field.name)}
          misfits={answer.misfits}
        />
      ))}
    </>
  );
}
