/** A router whose routes refuse what does not fit their schemas, and know who asks. */
import { OpenAPIHono, type z } from '@hono/zod-openapi';
import { fieldErrorsOf, misfitSentence, RequestError, type TenantRuntime } from '../src/index.ts';
import { errorsMax } from './problems.ts';

export interface Env {
  Variables: {
    /** The runtime as whoever sends the request sees it. Set before any route that needs it. */
    runtime: TenantRuntime;
    /** Whose it is; undefined for who has no tenant. */
    tenantId: string | undefined;
  };
}

export type Router = OpenAPIHono<Env>;

/** A router. What does not fit a schema is thrown as a RequestError `body_invalid`. */
export function newRouter(): Router {
  return new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (result.success) return;
      // What was sent, of which the types do not tell.
      const { data } = result as { readonly data?: unknown };
      throw misfit(result.target, result.error.issues, data);
    },
  });
}

/** @param target `json` for a body; else `query` or `header`, where names lead to texts */
function misfit(target: string, issues: readonly z.core.$ZodIssue[], sent: unknown): RequestError {
  const isBody = target === 'json';
  const all = issues.slice(0, errorsMax).flatMap((issue) => {
    const input = issue.path.reduce<unknown>((inside, key) => Object(inside)[key], sent);
    const isRepeated = !isBody && Array.isArray(input);
    const sentence = misfitSentence({ ...issue, input } as z.core.$ZodRawIssue);
    return fieldErrorsOf(issue, isRepeated ? 'must be given once' : sentence);
  });
  // Of a list where a text belongs, zod tells besides that it is too short for one.
  const told = new Set<string>();
  const errors = all.filter((one) => !told.has(one.pointer) && told.add(one.pointer));
  const [{ pointer, message } = { pointer: '', message: 'is of another form' }] = errors;
  const where = isBody ? pointer || 'it' : `"${pointer.slice(1)}"`;
  const what = isBody ? 'body' : target;
  return new RequestError('body_invalid', `The ${what} does not fit: ${where} ${message}.`, errors);
}
