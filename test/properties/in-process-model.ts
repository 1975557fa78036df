/**
 * The strict server without its HTTP: the driver sends, and the same code that the server is made of
 * judges and answers, in this process. For properties of so many requests that sockets would cost most.
 */
import { type Model, openai } from '../../src/index.ts';
import { answerModel } from '../../src/testing/answer-model.ts';
import type { Strikes } from '../../src/testing/fault.ts';
import { Refused } from '../../src/testing/refused.ts';
import type { Turn, Wire } from '../../src/testing/turn.ts';

export interface InProcessModel {
  readonly model: Model;
  /** What was said to each request that was refused. */
  readonly refusals: readonly string[];
  /** How many requests were taken. */
  readonly taken: number;
}

/** A model that speaks a wire, streamed or not, and says what each agent's script says. */
export function inProcessModel(
  api: Wire,
  stream: boolean,
  agents: Readonly<Record<string, readonly Turn[]>>,
): InProcessModel {
  const refusals: string[] = [];
  const strikes: Strikes = new WeakMap();
  const { signal } = new AbortController();
  let taken = 0;
  const accept = () => {
    taken += 1;
  };
  const answered = async (text: string): Promise<Response> => {
    try {
      const asking = { wire: api, text, behaviour: { agents }, strikes, signal, accept };
      const { answer } = await answerModel(asking);
      const { status, headers, chunks } = answer;
      return new Response(Buffer.concat(chunks), { status, headers });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusals.push(error.message);
      return Response.json(error.body, { status: error.status });
    }
  };
  return {
    model: openai('gpt-5', {
      api,
      stream,
      apiKey: 'test',
      baseURL: 'http://127.0.0.1',
      breaker: { failures: Number.POSITIVE_INFINITY },
      fetch: (_, init) => answered(String(init?.body)),
    }),
    refusals,
    get taken() {
      return taken;
    },
  };
}
