/** Where you write what you say. A message that could not be sent stays in it. */
import type { ChatBody, RunBody } from 'cadenza/client';
import { useId, useRef, useState } from 'preact/hooks';
import { client, sentenceOf } from '../api.ts';

interface ComposerProps {
  readonly label: string;
  /** Which team, or which conversation. */
  readonly start: Omit<ChatBody, 'message'>;
  readonly onStarted: (run: RunBody) => void;
}

export function Composer({ label, start, onStarted }: ComposerProps) {
  const { message, write, send, isSending, trouble } = useMessage(start, onStarted);
  const id = useId();
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a character, Enter is its own.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label class="unseen" for={id}>
        {label}
      </label>
      <textarea
        id={id}
        data-composer
        rows={1}
        dir="auto"
        placeholder={`${label}…`}
        value={message}
        aria-describedby={trouble ? `${id}-trouble` : undefined}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" class="main" disabled={isSending}>
        {isSending ? 'Sending…' : 'Send'}
      </button>
      {trouble && (
        <p class="trouble" id={`${id}-trouble`} role="alert">
          {trouble}
        </p>
      )}
    </form>
  );
}

function useMessage(start: Omit<ChatBody, 'message'>, onStarted: (run: RunBody) => void) {
  const [message, setMessage] = useState('');
  const [isSending, setSending] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  // The same message sent again after a lost answer is the same request.
  const key = useRef(newKey());
  return {
    message,
    isSending,
    trouble,
    write(text: string) {
      if (text !== message) key.current = newKey();
      setMessage(text);
    },
    async send() {
      if (isSending || message.trim() === '') return;
      setSending(true);
      setTrouble(undefined);
      try {
        const given = { wait: false, idempotencyKey: key.current };
        onStarted(await client.start({ ...start, message }, given));
        setMessage('');
        key.current = newKey();
      } catch (error) {
        setTrouble(sentenceOf(error));
      } finally {
        setSending(false);
      }
    },
  };
}

/** Random, also where the page came over plain HTTP, which has no `randomUUID`. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join('-');
}
