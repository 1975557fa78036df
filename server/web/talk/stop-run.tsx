/** Ends a run, once you say so twice. */
import type { RunBody } from 'cadenza/client';
import { useState } from 'preact/hooks';
import { client, sentenceOf } from '../api.ts';

interface StopRunProps {
  readonly runId: string;
  readonly onStopped: (run: RunBody) => void;
}

export function StopRun({ runId, onStopped }: StopRunProps) {
  const [isSure, setSure] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const stop = () => {
    if (!isSure) return setSure(true);
    client.cancel(runId).then(onStopped, (error: unknown) => setTrouble(sentenceOf(error)));
  };
  return (
    <span class="stop">
      {isSure && (
        <button type="button" class="quiet" onClick={() => setSure(false)}>
          Keep going
        </button>
      )}
      <button type="button" class={isSure ? 'danger' : 'quiet'} onClick={stop}>
        {isSure ? 'Stop it for good' : 'Stop'}
      </button>
      {trouble && (
        <span class="trouble" role="alert">
          {trouble}
        </span>
      )}
    </span>
  );
}
