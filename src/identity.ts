/** Who asks for something, and for whom. */
import { RequestError } from './errors.ts';

/** Who somebody is, from an authentication that you trust; never from what they say of themselves. */
export interface Identity {
  /** Default: nobody says. */
  readonly userId?: string;
  /** Whose runs, sessions and questions they see. Default: `default`. */
  readonly tenantId?: string;
}

/** Everything belongs to this tenant where nobody names one. */
export const defaultTenant = 'default';

const idMax = 200;

/** An identity with its defaults. */
export interface Known {
  readonly tenantId: string;
  readonly userId: string | undefined;
}

/**
 * Fills in the defaults.
 *
 * @throws RequestError `identity_invalid` for an id that could be stored as another one
 */
export function known({ tenantId = defaultTenant, userId }: Identity): Known {
  if (isUsable(tenantId) && (userId === undefined || isUsable(userId))) return { tenantId, userId };
  throw new RequestError(
    'identity_invalid',
    `The id of a user or tenant must be well-formed text of 1 to ${idMax} characters.`,
  );
}

function isUsable(id: unknown): boolean {
  const isText = typeof id === 'string' && id !== '' && id.length <= idMax;
  return isText && id.isWellFormed() && !id.includes('\0');
}
