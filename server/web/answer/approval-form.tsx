/** Decides whether a tool may run: as it is, with other arguments, or not. */
import { useId } from 'preact/hooks';
import { Fields, type FormProps, Trouble } from './answer-form.tsx';
import { FieldControl } from './field.tsx';
import { draftOfJson } from './schema-fields.ts';
import { type AnswerState, useAnswer } from './use-answer.ts';

export function ApprovalForm({ question, onAnswered }: FormProps) {
  const answer = useAnswer(question, onAnswered);
  const field = question.fields.find(({ name }) => name === 'arguments');
  const editable = field?.type === 'object' ? field : undefined;
  const isEdited = editable !== undefined && answer.draft['arguments'] !== undefined;
  const own = question.fields
    .map(({ name }) => name)
    .filter((name) => !['approved', 'arguments', 'remember'].includes(name));
  const sendOnly = (isSent: (name: string) => boolean, approved: boolean) =>
    answer.send(
      question.fields.filter(({ name }) => isSent(name)),
      { approved },
    );
  const approve = () => {
    const left = ['approved', ...(isChanged(question, answer) ? [] : ['arguments'])];
    sendOnly((name) => !left.includes(name), true);
  };
  // Whoever declines may say why, and need mend nothing else.
  const decline = () => sendOnly((name) => name === 'note', false);
  return (
    // Only a button decides: nothing may run because somebody pressed Enter.
    <form ref={answer.form} noValidate onSubmit={(event) => event.preventDefault()}>
      <Trouble answer={answer} />
      {editable && !isEdited && (
        <button
          type="button"
          class="quiet"
          onClick={() => answer.fill('arguments', draftOfJson(question.arguments, editable.schema))}
        >
          Change the arguments
        </button>
      )}
      {editable && isEdited && (
        <>
          <FieldControl
            field={{ ...editable, label: 'Arguments to use instead', required: true }}
            filled={answer.draft['arguments']}
            fill={(value) => answer.fill('arguments', value)}
            pointer="/arguments"
            misfits={answer.misfits}
          />
          <button type="button" class="quiet" onClick={() => answer.fill('arguments', undefined)}>
            Keep those of the model
          </button>
        </>
      )}
      <Fields question={question} names={own} answer={answer} />
      {question.fields.some(({ name }) => name === 'remember') && <Remember answer={answer} />}
      <div class="buttons">
        <button type="button" class="main" disabled={answer.isSending} onClick={approve}>
          {isEdited ? 'Approve with changes' : 'Approve'}
        </button>
        <button type="button" disabled={answer.isSending} onClick={decline}>
          Decline
        </button>
      </div>
    </form>
  );
}

/** Whether other arguments are meant, and not only looked at. */
function isChanged({ arguments: json, fields }: FormProps['question'], { draft }: AnswerState) {
  const field = fields.find(({ name }) => name === 'arguments');
  if (field?.type !== 'object' || draft['arguments'] === undefined) return false;
  return JSON.stringify(draft['arguments']) !== JSON.stringify(draftOfJson(json, field.schema));
}

function Remember({ answer }: { readonly answer: AnswerState }) {
  const id = useId();
  return (
    <div class="field option" data-field="remember">
      <input
        id={id}
        type="checkbox"
        checked={answer.draft['remember'] === true}
        onChange={(event) => answer.fill('remember', event.currentTarget.checked || undefined)}
      />
      <label for={id}>Do not ask again in this conversation</label>
    </div>
  );
}
