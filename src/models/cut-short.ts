/** Tells an answer that stopped in its middle from one that never was JSON. */

/** Whether a text that is not JSON is the beginning of an object or a list: a web page is none. */
export function isCutShort(text: string): boolean {
  const begun = text.trimStart();
  if (begun !== '' && !/^[{[]/.test(begun)) return false;
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < begun.length; at += 1) {
    const character = begun[at];
    if (isQuoted && character === '\\') at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    // It did close, so what is wrong with it is not its end.
    if (depth === 0) return false;
  }
  return true;
}
