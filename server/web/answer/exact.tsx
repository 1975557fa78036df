/** JSON that matters to the last character: shown as text, with what the eye would not see spelled out. */
import { pretty } from './schema-fields.ts';

interface ExactProps {
  readonly title: string;
  readonly json: string;
}

export function Exact({ title, json }: ExactProps) {
  return (
    <figure class="exact">
      <figcaption>{title}</figcaption>
      <pre dir="auto">{visible(pretty(json))}</pre>
    </figure>
  );
}

/** Characters that turn the direction of text, join, or are not there for the eye, as escapes. */
function visible(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
