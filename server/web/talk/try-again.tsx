/** Lets a run whose model cannot be had ask it again now. */
import type { RunBody } from 'cadenza/client';
import { useState } from 'preact/hooks';
import { client, sentenceOf } from '../api.ts';

interface TryAgainProps {
  readonly runId: string;
  readonly onTried: (run: RunBody) => void;
}

export function TryAgain({ runId, onTried }: TryAgainProps) {
  const [trouble, setTrouble] = useState<string>();
  const tryAgain = () => {
    setTrouble(undefined);
    client
      .resume(runId, {}, { wait: false })
      .then(onTried, (error: unknown) => setTrouble(sentenceOf(error)));
  };
  return (
    <>
      <button type="button" onClick={tryAgain}>
        Try again
      </button>
      {trouble && (
        <span class="trouble" role="alert">
          {trouble}
        </span>
      )}
    </>
  );
}
