/** Sends an answer to a question, and holds what does not fit until it is mended. */
import { CadenzaProblem, type FieldBody, type QuestionBody, type RunBody } from 'cadenza/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { client, sentenceOf } from '../api.ts';
import { type Draft, drafts, type Filled, type Misfits, pointerTo, readDraft } from './draft.ts';

export interface AnswerState {
  readonly draft: Draft;
  readonly fill: (name: string, value: Filled) => void;
  readonly misfits: Misfits;
  /** What is wrong with the whole, if not with a field. */
  readonly trouble: string | undefined;
  readonly isSending: boolean;
  /** Sends the values of these fields, and what else is decided. */
  send(fields: readonly FieldBody[], decided?: Readonly<Record<string, unknown>>): void;
  /** Sends that the person gives no answer, whatever is filled in. */
  decline(): void;
  /** To be set on the form: what does not fit is brought to the person's attention in it. */
  readonly form: { current: HTMLFormElement | null };
}

export function useAnswer(
  { id, run_id: runId }: QuestionBody,
  onAnswered: (run: RunBody) => void,
): AnswerState {
  const [draft, setDraft] = useState<Draft>(drafts.get(id) ?? {});
  const [misfits, setMisfits] = useState<Misfits>(new Map());
  const [trouble, setTrouble] = useState<string>();
  const [isSending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (misfits.size > 0) firstWrong(form.current)?.focus();
  }, [misfits]);

  const refuse = (error: unknown) => {
    setSending(false);
    const found = error instanceof CadenzaProblem ? misfitsOf(id, error) : new Map();
    setMisfits(found);
    setTrouble(found.size > 0 ? 'Not sent: see what does not fit below.' : sentenceOf(error));
  };

  const post = (values: Readonly<Record<string, unknown>> | null) => {
    setTrouble(undefined);
    if (isSending) return;
    setSending(true);
    client.resume(runId, { [id]: values }, { wait: false }).then((run) => {
      drafts.delete(id);
      onAnswered(run);
    }, refuse);
  };

  return {
    draft,
    misfits,
    trouble,
    isSending,
    form,
    fill(name, value) {
      const next = { ...draft, [name]: value };
      drafts.set(id, next);
      setDraft(next);
    },
    send(fields, decided = {}) {
      const read = readDraft(fields, draft);
      setMisfits(read.misfits);
      if (read.misfits.size > 0) setTrouble(undefined);
      else post({ ...read.values, ...decided });
    },
    decline() {
      setMisfits(new Map());
      post(null);
    },
  };
}

/** What a problem says of the values of a question, by pointers from the answer's root. */
function misfitsOf(id: string, { errors }: CadenzaProblem): Map<string, string> {
  const root = `/answers${pointerTo(id)}`;
  const own = errors.filter(({ pointer }) => pointer === root || pointer.startsWith(`${root}/`));
  return new Map(own.map(({ pointer, message }) => [pointer.slice(root.length), message]));
}

function firstWrong(form: HTMLFormElement | null): HTMLElement | null | undefined {
  return form?.querySelector<HTMLElement>('[aria-invalid="true"]');
}
