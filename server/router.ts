/** A router whose routes refuse what does not fit their schemas, and know who asks. */
import { OpenAPIHono, type z } from '@hono/zod-openapi';
import { type FieldError, pointerTo, RequestError, type TenantRuntime } from '../src/index.ts';
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
      throw misfit(result.target === 'json' ? 'body' : 'request', result.error.issues);
    },
  });
}

function misfit(what: string, issues: readonly z.core.$ZodIssue[]): RequestError {
  const errors = issues.slice(0, errorsMax).flatMap(fieldErrors);
  const [first] = errors;
  const where = first
    ? `${first.pointer || `the ${what}`} ${first.message}`
    : 'it is not an object';
  return new RequestError('body_invalid', `The ${what} does not fit: ${where}.`, errors);
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, errorsMax).map((key) => ({
      pointer: pointerTo([...issue.path, key]),
      message: 'is not known',
    }));
  }
  return [{ pointer: pointerTo(issue.path), message: issue.message }];
}
