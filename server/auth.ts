/** Who sends a request. What a request says of itself in its body counts for nothing here. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { verify } from 'hono/jwt';
import { DefinitionError, type Identity, type Runtime } from '../src/index.ts';
import { problem } from './problems.ts';
import type { Env } from './router.ts';

/** Tells who sends a request; undefined refuses it. It may read the headers, and not the body. */
export type Auth = (request: Request) => Identity | undefined | Promise<Identity | undefined>;

/** Lets whoever is known through to the routes, with a runtime that is theirs. */
export function known(runtime: Runtime, auth: Auth = () => ({})): MiddlewareHandler<Env> {
  return async (c, next) => {
    const identity = await auth(c.req.raw);
    if (!identity) {
      return problem(
        c,
        'unauthenticated',
        'This server answers those whom it knows. Send a valid token: Authorization: Bearer …',
      );
    }
    c.set('runtime', runtime.as(identity));
    c.set('tenantId', identity.tenantId);
    return next();
  };
}

/** The token of an `Authorization: Bearer` header; undefined if there is none. */
export function bearerOf(request: Request): string | undefined {
  const header = request.headers.get('authorization') ?? '';
  return /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1];
}

const tokenMin = 16;

const sendable = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * Knows whoever bears one of these tokens.
 *
 * @throws DefinitionError `auth_unusable` if there is none, or one is shorter than 16 characters
 * @example
 * createApp(runtime, { auth: bearerTokens({ [token]: { userId: 'ann', tenantId: 'acme' } }) });
 */
export function bearerTokens(tokens: Readonly<Record<string, Identity>>): Auth {
  const accepted = Object.entries(tokens).map(([token, identity]) => {
    if (token.length < tokenMin) throw unusable(`A token has at least ${tokenMin} characters.`);
    if (!sendable.test(token)) {
      throw unusable('A token has letters, digits and . _ ~ + / - only: no header bears others.');
    }
    return { hash: hashOf(token), identity };
  });
  if (accepted.length === 0) throw unusable('Nobody could be known without a token.');
  return (request) => {
    const hash = hashOf(bearerOf(request) ?? '');
    // Hashes have one length, and all are compared: the time says nothing of any of them.
    return accepted.filter((one) => timingSafeEqual(one.hash, hash))[0]?.identity;
  };
}

export interface JwtOptions {
  /** The secret of HS256, HS384 and HS512, at least 32 bytes; otherwise the public key as PEM. */
  readonly secret: string;
  /** The one algorithm that is taken, whatever a token says. */
  readonly alg: Extract<Parameters<typeof verify>[2], string>;
  /** Who must have issued it, and for whom it must be meant. Default: not looked at. */
  readonly issuer?: string;
  readonly audience?: string;
  /** The claim with the user's id. Default `sub`. */
  readonly userClaim?: string;
  /**
   * The claim with the tenant's id. Default: everybody is of the tenant `default`, and so reads,
   * cancels and answers the runs of everybody. Where users may not, name `sub`: each is a tenant then.
   */
  readonly tenantClaim?: string;
}

const secretMinBytes = 32;

/**
 * Knows whoever bears a JSON Web Token that is signed, not expired, and has the claims that are named;
 * a token without an expiry, or without one of the claims, is refused.
 *
 * @throws DefinitionError `auth_unusable` for a secret that could be guessed
 */
export function jwt({ secret, alg, userClaim = 'sub', tenantClaim, ...more }: JwtOptions): Auth {
  if (alg.startsWith('HS') && Buffer.byteLength(secret) < secretMinBytes) {
    throw unusable(`The secret of ${alg} needs at least ${secretMinBytes} bytes.`);
  }
  const { issuer: iss, audience: aud } = more;
  const options = {
    alg,
    ...(iss === undefined ? {} : { iss }),
    ...(aud === undefined ? {} : { aud }),
  };
  return async (request) => {
    const token = bearerOf(request);
    const claims = token && (await verify(token, secret, options).catch(() => undefined));
    if (!claims || claims.exp === undefined) return undefined;
    const userId = claims[userClaim];
    const tenantId = tenantClaim === undefined ? undefined : claims[tenantClaim];
    if (!isId(userId) || (tenantClaim !== undefined && !isId(tenantId))) return undefined;
    return { userId, ...(isId(tenantId) ? { tenantId } : {}) };
  };
}

function isId(claim: unknown): claim is string {
  return typeof claim === 'string' && claim !== '';
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function unusable(message: string): DefinitionError {
  return new DefinitionError('auth_unusable', message);
}
