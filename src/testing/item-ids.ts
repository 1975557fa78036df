/**
 * The ids and the encrypted reasoning of the items that the Responses server issues.
 *
 * The server remembers nothing, so an id itself says which reply it comes from, which place it has
 * there, and whether a reasoning item goes with it. Real ids begin with what their reply has in
 * common, too. A check at the end keeps ids of other servers apart.
 */

import { createHash, randomBytes } from 'node:crypto';

type ItemKind = 'fc' | 'rs' | 'msg';

/** What an id says about the item that carries it. */
export interface IssuedId {
  /** What all items of one reply have in common: 32 hexadecimal digits. */
  readonly reply: string;
  /** The item's place in its reply, counted from 0. */
  readonly place: number;
  /** Whether the reply begins with a reasoning item. */
  readonly reasoned: boolean;
}

/** Names one reply: what `itemId` makes the ids of its items from. */
export function newReply(): string {
  return randomBytes(16).toString('hex');
}

export function itemId(kind: ItemKind, { reply, place, reasoned }: IssuedId): string {
  const body = `${reply}${reasoned ? '1' : '0'}${place.toString(16).padStart(5, '0')}`;
  return `${kind}_${body}${check(body)}`;
}

/** Reads an id that this kind of server issued; `undefined` for any other id. */
export function readItemId(id: string): IssuedId | undefined {
  const [, body = '', sum] = /^(?:fc|rs|msg)_([0-9a-f]{38})([0-9a-f]{12})$/.exec(id) ?? [];
  if (sum !== check(body)) return undefined;
  return {
    reply: body.slice(0, 32),
    place: Number.parseInt(body.slice(33), 16),
    reasoned: body[32] === '1',
  };
}

/** The id of the reasoning item that goes with an item; it is the first of its reply. */
export function reasoningIdFor({ reply }: IssuedId): string {
  return itemId('rs', { reply, place: 0, reasoned: true });
}

/** Seals a reasoning text for one item and one model. */
export function encrypt(text: string, item: string, model: string): string {
  const sealed = Buffer.from(JSON.stringify({ item, model, text })).toString('base64url');
  return `gAAAAA${check(sealed)}${sealed}`;
}

/** What a sealed reasoning text belongs to; `undefined` where it was not sealed here or is cut. */
export function decrypt(content: string): { item: string; model: string } | undefined {
  const [, sum, sealed = ''] = /^gAAAAA([0-9a-f]{12})([\w-]+)$/.exec(content) ?? [];
  if (sum !== check(sealed)) return undefined;
  return JSON.parse(Buffer.from(sealed, 'base64url').toString('utf8'));
}

function check(text: string): string {
  return createHash('sha256').update(`model server ${text}`).digest('hex').slice(0, 12);
}
