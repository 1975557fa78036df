/**
 * Many clients in a process of their own: each time it is told a question, all of them answer it at
 * once, each in its own way or all alike, and the process tells what they were answered.
 */
import { post } from './wire.ts';

/** What the process is told. */
export interface Asked {
  readonly url: string;
  readonly runId: string;
  readonly questionId: string;
  readonly clients: number;
  /** Whether they all say the same. */
  readonly alike: boolean;
}

/** What it tells: the status of each answer, with the code of its problem. */
export type Told = readonly string[];

process.on('message', async ({ url, runId, questionId, clients, alike }: Asked) => {
  const told = await Promise.all(
    Array.from({ length: clients }, async (_, index): Promise<string> => {
      const note = alike ? 'all of us' : `client ${index} of ${process.pid}`;
      const answers = { [questionId]: { approved: true, note } };
      const { status, body } = await post(url, '/resume', { run_id: runId, answers });
      return `${status} ${body.code ?? ''}`.trim();
    }),
  );
  process.send?.(told satisfies Told);
});
