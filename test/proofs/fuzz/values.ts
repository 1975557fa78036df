/** Values that no client means, and bodies that have them in places where others belong. */
import type { Dice } from './dice.ts';

const nested = (levels: number, open = '[', close = ']') =>
  `${open.repeat(levels)}${close.repeat(levels)}`;

/** JSON that no value of JavaScript is written as, and some that is no JSON. */
const rawValues: readonly string[] = [
  '1e400',
  '-1e400',
  '1e-400',
  '-0',
  '9007199254740993',
  '123456789012345678901234567890',
  '0.1e',
  '01',
  'NaN',
  'Infinity',
  'undefined',
  "'single'",
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '"\\x41"',
  '"\t"',
  '{"__proto__":{"polluted":true}}',
  '{"\\u005f_proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"a":1,"a":2}',
  '{"a":1,"\\u0061":2}',
  '[1,]',
  '{"a":1,}',
  '/* */ 1',
  nested(31),
  nested(33),
];

/** What cannot be made a text, or only by more calls inside each other than there may be. */
const trapValues: readonly string[] = [
  nested(5_000),
  nested(5_000, '{"a":', '}'),
  '[{"toString":1,"valueOf":2,"then":3,"toJSON":4}]',
];

/** What JavaScript or a library asks whatever it is given for; most of all how long it is. */
const askedFor: readonly string[] = [
  'length',
  'length',
  'length',
  'size',
  'toString',
  'valueOf',
  'then',
  'constructor',
  'message',
];

/** Values that are wider than any that is meant; they take their time, so they are rare. */
const wideValues: readonly string[] = [
  `[${'0,'.repeat(200_000)}0]`,
  `[${'{},'.repeat(45_000)}{}]`,
  `{${Array.from({ length: 45_000 }, (_, index) => `"k${index}":0`).join(',')}}`,
];

const allRaw = [...rawValues, ...trapValues, ...wideValues];

const hostileTexts: readonly string[] = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'run_none',
  '../../etc/passwd',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '\ud800',
  'a\0b',
  '\u202egnp.exe',
  '👩‍👩‍👧‍👦',
  'ﬀ\u0301\u0301',
  '\ufeff',
  '\r\nX-Injected: 1',
  '%00',
  '{{7*7}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template that nobody may fill in
  '${process.env}',
];

const hostileNumbers: readonly number[] = [
  0,
  -1,
  1.5,
  1e21,
  -1e308,
  5e-324,
  Number.MAX_SAFE_INTEGER,
  4_294_967_296,
];

const hostileKeys: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toJSON',
  'then',
  'length',
  '',
  'approved',
  'result',
  'arguments',
  'outcome',
  '\ud800',
  'a/b~c',
  '0',
];

/** Raw JSON stands in a value as a text with its number, until the value is written. */
const mark = (index: number) => `@raw:${index}@`;

export function hostileText(dice: Dice): string {
  if (dice.oneIn(40)) return 'x'.repeat(dice.pick([201, 10_001, 100_001, 300_000]));
  return dice.pick(hostileTexts);
}

const levelsMax = 4;

/** Any JSON at all, a few levels deep. */
export function anyValue(dice: Dice, levels = levelsMax): unknown {
  if (levels === levelsMax && dice.oneIn(800)) {
    return mark(allRaw.length - 1 - dice.below(wideValues.length));
  }
  const kind = dice.below(levels > 0 ? 8 : 5);
  if (kind === 0) return hostileText(dice);
  if (kind === 1) return dice.pick(hostileNumbers);
  if (kind === 2) return dice.pick([true, false, null]);
  if (kind === 3) return mark(dice.below(rawValues.length + trapValues.length));
  if (kind === 4) return Array.from({ length: dice.below(20) }, () => dice.below(1_000)).join('');
  const size = dice.oneIn(60) ? 2_000 : dice.below(5);
  const inside = () => anyValue(dice, size > 100 ? 0 : levels - 1);
  if (kind === 5) return Array.from({ length: size }, inside);
  return Object.fromEntries(
    Array.from({ length: size }, (_, index) => [
      size > 100 ? `k${index}` : dice.pick(hostileKeys),
      inside(),
    ]),
  );
}

/** What looks like anything but an object to whoever asks it for one thing, and ends them by the answer. */
function trap(dice: Dice): unknown {
  return { [dice.pick(askedFor)]: mark(rawValues.length + dice.below(trapValues.length)) };
}

/** A value with one thing in it that is not as it was. */
export function spoiled(dice: Dice, value: unknown): unknown {
  const isInside = typeof value === 'object' && value !== null && !dice.oneIn(6);
  // Above all where a text belongs: whoever wants one asks it for more than others do.
  if (!isInside)
    return dice.oneIn(typeof value === 'string' ? 3 : 12) ? trap(dice) : anyValue(dice);
  if (Array.isArray(value)) {
    if (value.length === 0 || dice.oneIn(4)) return [...value, anyValue(dice)];
    const at = dice.below(value.length);
    return value.map((one, index) => (index === at ? spoiled(dice, one) : one));
  }
  const entries = Object.entries(value);
  const at = dice.below(Math.max(entries.length, 1));
  const kind = dice.below(7);
  if (kind === 0 || entries.length === 0) {
    return Object.fromEntries([...entries, [dice.pick(hostileKeys), anyValue(dice)]]);
  }
  if (kind === 1) return Object.fromEntries(entries.filter((_, index) => index !== at));
  return Object.fromEntries(
    entries.map(([key, one], index) => {
      if (index !== at) return [key, one];
      return kind === 2 ? [dice.pick(hostileKeys), one] : [key, spoiled(dice, one)];
    }),
  );
}

/** A value as text, with what stands in it raw. */
export function written(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.replaceAll(/"@raw:(\d+)@"/g, (_, index) => allRaw[Number(index)] ?? '');
}

/** A text as bytes, sometimes with bytes that are wrong. */
export function bytesOf(dice: Dice, text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const at = dice.below(bytes.length + 1);
  const kind = dice.below(24);
  if (kind === 0) return bytes.slice(0, at);
  if (kind === 1) return joined(bytes.slice(0, at), [dice.below(256)], bytes.slice(at + 1));
  if (kind === 2) return joined(bytes.slice(0, at), [0xc3, 0x28], bytes.slice(at));
  if (kind === 3) return joined([0xef, 0xbb, 0xbf], bytes);
  if (kind === 4) return joined(bytes, bytes);
  if (kind === 5)
    return new Uint8Array(new Uint16Array([...text].map((c) => c.charCodeAt(0))).buffer);
  if (kind === 6) return joined([0x1f, 0x8b, 8, 0], bytes);
  return bytes;
}

function joined(...parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
