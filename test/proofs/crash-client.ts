/**
 * A client that does not give up: it sends one message and answers what it is asked, over as many
 * servers as it takes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answered, post, type WireBody, type WireQuestion } from '../kit/wire.ts';
import { choice, message, receiptOf } from './paying-scripts.ts';
import type { Deed } from './witness.ts';

type Question = WireQuestion & { readonly tool_name: string };
type Answers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Thrown where a client cannot go on, though the server lives. */
export class Stuck extends Error {}

const pollMs = 10;
const patienceMs = 20_000;

export class Client {
  /** The questions it was asked, by id. */
  readonly asked = new Map<string, Question>();
  /** The questions whose answer was acknowledged. */
  readonly acknowledged = new Set<string>();
  /** How often it sent something again because no answer had come. */
  resent = 0;
  readonly #deeds: () => readonly Deed[];
  readonly #isEager: boolean;
  #runId: string | undefined;
  #chatSent = false;
  #unacknowledged: Answers | undefined;

  /**
   * @param deeds what the person can look up when asked whether a tool did its work
   * @param isEager whether it answers while others are still at work; if not, runs are repeatable
   */
  constructor(deeds: () => readonly Deed[], isEager: boolean) {
    this.#deeds = deeds;
    this.#isEager = isEager;
  }

  get runId(): string | undefined {
    return this.#runId;
  }

  /** True if a message was sent of which the client does not know what became. */
  get seeksItsRun(): boolean {
    return this.#chatSent && this.#runId === undefined;
  }

  /** Tells the client which run its message began; undefined if none was. */
  found(runId: string | undefined): void {
    this.#runId = runId;
  }

  /**
   * Goes on from where the last server died, to the end of the run.
   *
   * @throws TypeError if the connection dies
   */
  async drive(url: string): Promise<WireBody> {
    if (this.#runId === undefined) await this.#chat(url);
    if (this.#unacknowledged) await this.#answer(url, this.#unacknowledged);
    const patience = AbortSignal.timeout(patienceMs);
    while (!patience.aborted) {
      const body = await this.#look(url);
      const [question] = body.questions ?? [];
      const isWorking = body.status === 'working';
      if (question && (this.#isEager || !isWorking)) {
        await this.#answer(url, this.#answersTo(question as Question));
      } else if (isWorking) await sleep(pollMs);
      else return body;
    }
    throw new Stuck(`Run ${this.#runId} does not go on.`);
  }

  async #chat(url: string): Promise<void> {
    if (this.#chatSent) this.resent += 1;
    this.#chatSent = true;
    const { body } = await accepted(url, '/chat', { message });
    this.#runId = body.run_id;
  }

  async #look(url: string): Promise<WireBody> {
    const response = await fetch(`${url}/runs/${this.#runId}`);
    const body = (await response.json()) as WireBody;
    if (response.status === 200) return body;
    throw new Stuck(`Run ${this.#runId} is lost: ${response.status} ${body.detail}`);
  }

  #answersTo(question: Question): Answers {
    this.asked.set(question.id, question);
    if (this.acknowledged.has(question.id)) {
      throw new Stuck(`Question ${question.id} is asked again, though its answer was taken.`);
    }
    return { [question.id]: this.#valuesFor(question) };
  }

  #valuesFor({ reason, tool_name: tool }: Question) {
    if (reason !== 'outcome_unknown') return choice;
    const deed = this.#deeds().find((one) => one.tool === tool);
    if (!deed) return { outcome: 'run_it_again' };
    return { outcome: 'it_happened', result: receiptOf(deed.key) };
  }

  async #answer(url: string, answers: Answers): Promise<void> {
    if (this.#unacknowledged) this.resent += 1;
    this.#unacknowledged = answers;
    await accepted(url, '/resume', { run_id: this.#runId, answers });
    this.#unacknowledged = undefined;
    for (const id of Object.keys(answers)) this.acknowledged.add(id);
  }
}

/** Posts what must be accepted, and does not wait for ever. */
async function accepted(url: string, path: string, body: unknown): Promise<Answered> {
  const answered = post(url, path, body);
  const late = AbortSignal.timeout(patienceMs);
  const patience = new Promise<never>((_, reject) => {
    late.onabort = () => reject(new Stuck(`POST ${path} is not answered.`));
  });
  const { status, body: read } = await Promise.race([answered, patience]);
  if (status === 200) return { status, body: read };
  throw new Stuck(`POST ${path} was answered ${status}: ${read.detail}`);
}
