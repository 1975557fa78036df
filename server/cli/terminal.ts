/**
 * What the commands print: results on stdout, everything else on stderr. What a model wrote is shown
 * as text: it can neither move the cursor nor turn the reading direction.
 */
import { styleText } from 'node:util';

/** What a command ends with; `arguments.ts` explains them. */
export const exitCodes = { done: 0, failed: 1, notBegun: 2, notOver: 3, cancelled: 4 } as const;

export interface Terminal {
  readonly json: boolean;
  /** Whether somebody can be asked. */
  readonly interactive: boolean;
  /** Prints a result: a text for people, or a line of JSON. */
  result(text: string, body: unknown): void;
  /** What was told as it was said: a terminal that shows it already is not given it as a result again. */
  said(text: string): void;
  /** Tells what goes on. */
  tell(line: string): void;
  /** Tells it in passing. */
  mention(line: string): void;
  /** Tells a part of a line. */
  write(part: string): void;
}

export function openTerminal(json: boolean): Terminal {
  const write = (part: string) => void process.stderr.write(visible(part));
  let told: string | undefined;
  const isSeen = Boolean(process.stdout.isTTY && process.stderr.isTTY && !json);
  return {
    json,
    interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
    result: (text, body) => {
      if (isSeen && text === told) return;
      const shown = process.stdout.isTTY ? visible(text) : text;
      process.stdout.write(`${json ? JSON.stringify(body) : shown}\n`);
    },
    said: (text) => {
      told = text;
    },
    tell: (line) => write(`${line}\n`),
    mention: (line) => {
      process.stderr.write(`${styleText('dim', visible(line), { stream: process.stderr })}\n`);
    },
    write,
  };
}

/** Text with what a terminal would obey, or show as something else, written out. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
