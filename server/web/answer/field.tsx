/** One field of a question as a control, with what it takes and what does not fit beside it. */
import type { FieldBody } from 'cadenza/client';
import { useId } from 'preact/hooks';
import { ChoiceControl, ChoicesControl, YesNoControl } from './choices.tsx';
import { type ControlProps, type FieldProps, isLong } from './control.ts';
import { type Draft, type Filled, misfitAt, pointerTo } from './draft.ts';
import { hintOf } from './hints.ts';
import { fieldsOfSchema } from './schema-fields.ts';

export function FieldControl(props: FieldProps) {
  const { field, pointer, misfits } = props;
  const id = useId();
  const isInside = field.type === 'object' && typeof props.filled === 'object';
  const misfit = isInside ? misfits.get(pointer) : misfitAt(misfits, pointer);
  const hint = hintOf(field);
  const ids = [hint && `${id}-hint`, misfit && `${id}-misfit`].filter(Boolean).join(' ');
  const control = { ...props, id, describedBy: ids || undefined, isWrong: misfit !== undefined };
  const words = (
    <>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {misfit && (
        <p class="misfit" id={`${id}-misfit`}>
          {sentenceOfMisfit(misfit)}
        </p>
      )}
    </>
  );
  if (isGroup(field, props.filled)) {
    return (
      <fieldset class="field" aria-describedby={control.describedBy} data-field={field.name}>
        <legend>
          <Label field={field} />
        </legend>
        <Control {...control} />
        {words}
      </fieldset>
    );
  }
  return (
    <div class="field" data-field={field.name}>
      <label for={id}>
        <Label field={field} />
      </label>
      <Control {...control} />
      {words}
    </div>
  );
}

/** Cadenza's own words go on after "This"; a tool's schema speaks in sentences. */
function sentenceOfMisfit(misfit: string): string {
  const sentence = /^\p{Lu}/u.test(misfit) ? misfit : `This ${misfit}`;
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

function Label({ field }: { readonly field: FieldBody }) {
  return (
    <>
      <span dir="auto">{field.label}</span>
      {!field.required && <span class="optional"> optional</span>}
    </>
  );
}

function Control(props: ControlProps) {
  const { field } = props;
  switch (field.type) {
    case 'string':
      return <TextControl {...props} />;
    case 'integer':
      return <input type="text" inputMode="numeric" {...lineOf(props)} />;
    case 'number':
      return <input type="text" inputMode="decimal" {...lineOf(props)} />;
    case 'date':
      return <input type="date" {...lineOf(props)} />;
    case 'boolean':
      return <YesNoControl {...props} />;
    case 'choice':
      return <ChoiceControl {...props} choices={field.choices} descriptions={field.descriptions} />;
    case 'choices':
      return (
        <ChoicesControl {...props} choices={field.choices} descriptions={field.descriptions} />
      );
    case 'object':
      return <ObjectControl {...props} schema={field.schema} />;
  }
}

function TextControl({ id, filled, fill, describedBy, isWrong, field }: ControlProps) {
  return (
    <textarea
      id={id}
      rows={1}
      dir="auto"
      value={String(filled ?? '')}
      aria-required={field.required}
      aria-invalid={isWrong}
      aria-describedby={describedBy}
      onInput={(event) => fill(event.currentTarget.value)}
    />
  );
}

function lineOf({ id, filled, fill, describedBy, isWrong, field }: ControlProps) {
  return {
    id,
    autocomplete: 'off',
    value: String(filled ?? ''),
    'aria-required': field.required,
    'aria-invalid': isWrong,
    'aria-describedby': describedBy,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) =>
      fill(event.currentTarget.value),
  };
}

/** Whether the field has several controls, of which each has a label of its own. */
function isGroup(field: FieldBody, filled: Filled): boolean {
  if (field.type === 'boolean' || field.type === 'choices') return true;
  if (field.type === 'choice') return !isLong(field);
  return field.type === 'object' && typeof filled === 'object';
}

interface ObjectProps extends ControlProps {
  readonly schema: Readonly<Record<string, unknown>>;
}

/** An object: field by field where its schema allows it, and otherwise as JSON. */
function ObjectControl(props: ObjectProps) {
  const { id, filled, fill, pointer, misfits, schema, describedBy, isWrong } = props;
  if (typeof filled === 'object' && filled !== null) {
    const draft = filled as Draft;
    return (
      <div class="inside" id={id}>
        {(fieldsOfSchema(schema) ?? []).map((field) => (
          <FieldControl
            key={field.name}
            field={field}
            filled={draft[field.name]}
            fill={(value) => fill({ ...draft, [field.name]: value })}
            pointer={pointer + pointerTo(field.name)}
            misfits={misfits}
          />
        ))}
      </div>
    );
  }
  return (
    <textarea
      id={id}
      class="code"
      rows={4}
      spellcheck={false}
      value={String(filled ?? '')}
      aria-invalid={isWrong}
      aria-describedby={describedBy}
      onInput={(event) => fill(event.currentTarget.value)}
    />
  );
}
