/** Asks other models in the place of one that cannot be had. */
import { RunError } from '../errors.ts';
import { decisive } from './decisive.ts';
import type { Model, ModelFault, ModelRequest, Reply, ReplyOptions } from './model.ts';

interface Failed {
  readonly model: Model;
  readonly error: RunError;
}

/** Asks one model after the other until one can be had. */
export function firstOf(models: readonly Model[]): Model['reply'] {
  /** Those that only a person can bring back, as far as somebody was told. */
  const lost = new Set<Model>();
  return async (request, options) => {
    const failed: Failed[] = [];
    for (const model of models) {
      if (failed.length > 0) options.onDelta?.({ type: 'restart' });
      const reply = await replyOrError(model, request, options);
      if (!(reply instanceof Error)) {
        lost.delete(model);
        tell(failed, lost, options);
        return insteadOf(failed, reply);
      }
      failed.push({ model, error: reply });
      if (!mayBeHadElsewhere(reply) || options.signal.aborted) break;
    }
    throw failureOf(failed);
  };
}

/** @throws what is no RunError */
async function replyOrError(
  model: Model,
  request: ModelRequest,
  options: ReplyOptions,
): Promise<Reply | RunError> {
  try {
    return await model.reply(request, options);
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
}

function mayBeHadElsewhere({ code, details }: RunError): boolean {
  const unknown: ModelFault = 'model_unknown';
  return (
    code === 'model_unavailable' || code === 'model_reply_unusable' || details['fault'] === unknown
  );
}

/** Nobody else says that a model is lost while another one answers. */
function tell(failed: readonly Failed[], lost: Set<Model>, { onLost }: ReplyOptions): void {
  for (const { model, error } of failed) {
    if (error.details['retryable'] === true || lost.has(model)) continue;
    lost.add(model);
    onLost?.(error);
  }
}

function insteadOf(failed: readonly Failed[], reply: Reply): Reply {
  if (failed.length === 0) return reply;
  const others = failed.map(({ model, error: { code, message } }) => {
    return { model: model.name, failure: { code, message } };
  });
  return { ...reply, insteadOf: [...others, ...(reply.insteadOf ?? [])] };
}

/** The error that decides, which tells of the others too. */
function failureOf(failed: readonly Failed[]): RunError {
  const errors = failed.map(({ error }) => error);
  const decides = errors.reduceRight((second, first) => decisive(first, second));
  const others = errors.filter((error) => error !== decides);
  if (others.length === 0) return decides;
  const message = [
    decides.message,
    ...others.map((other) => `Another failed too: ${other.message}`),
  ].join(' ');
  const names = failed.flatMap(({ model, error }) => failedModels(model, error));
  const details = { ...decides.details, failed: names };
  return new RunError(decides.code, message, details, decides.cause);
}

/**
 * The names of the models behind an error: those that could not be had, refused, or gave no reply of
 * use. A model that was asked may have asked others.
 */
export function failedModels({ name }: { readonly name: string }, error: RunError): string[] {
  const names = error.details['failed'];
  if (Array.isArray(names)) return names;
  return error.code.startsWith('model_') ? [name] : [];
}
