/** What the models of an AG-UI run used. */
import type { LogEvent } from '../../src/index.ts';
import type { Usage } from './protocol.ts';

type Used = Extract<LogEvent, { readonly type: 'model.replied' | 'model.used' }>;

export class UsageByModel {
  readonly #models = new Map<string | undefined, Usage>();

  add({ model, usage }: Pick<Used, 'model' | 'usage'>): void {
    const { inputTokens = 0, outputTokens = 0 } = this.#models.get(model) ?? {};
    const input = inputTokens + usage.inputTokens;
    const output = outputTokens + usage.outputTokens;
    this.#models.set(model, {
      ...(model === undefined ? {} : { model }),
      inputTokens: input,
      outputTokens: output,
      totalTokens: input + output,
    });
  }

  /** As the end of the run tells it: absent where no model answered. */
  told(): { readonly usage?: readonly Usage[] } {
    return this.#models.size === 0 ? {} : { usage: [...this.#models.values()] };
  }
}
