/** Controls for what can be chosen: yes or no, one of a list, any of a list. */
import { type ControlProps, isLong } from './control.ts';

interface ChoiceProps extends ControlProps {
  readonly choices: readonly string[];
  readonly descriptions?: Readonly<Record<string, string>> | undefined;
}

/** Neither is chosen until the person does: a default would be an answer that nobody gave. */
export function YesNoControl({ id, field, filled, fill, isWrong }: ControlProps) {
  const options = [
    ['yes', 'Yes', true],
    ['no', 'No', false],
  ] as const;
  return (
    <div class="options row" id={id}>
      {options.map(([key, label, value]) => (
        <label key={key} class="option">
          <input
            type="radio"
            name={id}
            checked={filled === value}
            aria-invalid={isWrong}
            onChange={() => fill(value)}
          />
          <span>{label}</span>
        </label>
      ))}
      {!field.required && <NoAnswer id={id} filled={filled} fill={fill} />}
    </div>
  );
}

export function ChoiceControl(props: ChoiceProps) {
  return isLong(props) ? <List {...props} /> : <Options {...props} />;
}

function List({ id, field, filled, fill, describedBy, isWrong, choices }: ChoiceProps) {
  return (
    <select
      id={id}
      value={String(filled ?? '')}
      aria-required={field.required}
      aria-invalid={isWrong}
      aria-describedby={describedBy}
      onChange={(event) => fill(event.currentTarget.value || undefined)}
    >
      <option value="">Choose…</option>
      {choices.map((choice) => (
        <option key={choice} value={choice} dir="auto">
          {choice}
        </option>
      ))}
    </select>
  );
}

function Options({ id, field, filled, fill, isWrong, choices, descriptions }: ChoiceProps) {
  return (
    <div class="options" id={id}>
      {choices.map((choice) => (
        <label key={choice} class="option">
          <input
            type="radio"
            name={id}
            checked={filled === choice}
            aria-invalid={isWrong}
            onChange={() => fill(choice)}
          />
          <Choice choice={choice} description={descriptions?.[choice]} />
        </label>
      ))}
      {!field.required && <NoAnswer id={id} filled={filled} fill={fill} />}
    </div>
  );
}

export function ChoicesControl({ id, filled, fill, isWrong, choices, descriptions }: ChoiceProps) {
  const chosen = Array.isArray(filled) ? (filled as readonly string[]) : [];
  const toggle = (choice: string) => {
    const others = chosen.filter((one) => one !== choice);
    // In the order in which they are offered, not in that of the clicks.
    const next = others.length < chosen.length ? others : [...chosen, choice];
    fill(choices.filter((one) => next.includes(one)));
  };
  return (
    <div class="options" id={id}>
      {choices.map((choice) => (
        <label key={choice} class="option">
          <input
            type="checkbox"
            checked={chosen.includes(choice)}
            aria-invalid={isWrong}
            onChange={() => toggle(choice)}
          />
          <Choice choice={choice} description={descriptions?.[choice]} />
        </label>
      ))}
    </div>
  );
}

interface ChoiceWords {
  readonly choice: string;
  readonly description: string | undefined;
}

function Choice({ choice, description }: ChoiceWords) {
  return (
    <span>
      <span dir="auto">{outcomes[choice] ?? choice}</span>
      {description && (
        <span class="soft" dir="auto">
          {description}
        </span>
      )}
    </span>
  );
}

/** What Cadenza itself lets you choose, when a restart hid whether a tool ran. */
const outcomes: Readonly<Record<string, string>> = {
  it_happened: 'It happened',
  run_it_again: 'Run it again',
  give_up: 'Give up',
};

/** What is not required can be left open again. */
function NoAnswer({ id, filled, fill }: Pick<ControlProps, 'id' | 'filled' | 'fill'>) {
  return (
    <label class="option">
      <input
        type="radio"
        name={id}
        checked={filled === undefined}
        onChange={() => fill(undefined)}
      />
      <span class="soft">No answer</span>
    </label>
  );
}
