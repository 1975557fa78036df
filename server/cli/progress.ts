/**
 * Shows a run at work: who does what, and what is said as it is said. One agent speaks live at a
 * time; what another says meanwhile is shown once it is said.
 */
import type { EventBody } from '../../client/index.ts';
import type { Terminal } from './terminal.ts';

/** A function to be told of each event of a run. */
export function showProgress(terminal: Terminal): (event: EventBody) => void {
  const said = new Map<string, string>();
  let live: string | undefined;

  const hush = (path: string) => {
    said.delete(path);
    if (live !== path) return;
    terminal.write('\n');
    live = undefined;
  };
  const mention = (line: string) => {
    // What is being said goes on in a line of its own.
    if (live !== undefined) terminal.write('\n');
    terminal.mention(line);
  };

  const speak = (path: string, agent: string, text: string) => {
    const whole = (said.get(path) ?? '') + text;
    said.set(path, whole);
    if (live === path) return terminal.write(text);
    if (live !== undefined) return;
    live = path;
    terminal.write(`${agent}: ${whole}`);
  };

  /** Of what was said last, the log may have the whole only. */
  const finish = (path: string, agent: string, text: string) => {
    if (live !== path) return terminal.tell(`${agent}: ${text}`);
    const known = said.get(path) ?? '';
    const rest = text.startsWith(known) ? text.slice(known.length) : `\n${agent}: ${text}`;
    terminal.write(rest);
  };

  return (event) => {
    switch (event.type) {
      case 'text.delta':
        return speak(event.path, event.agent, event.text);
      case 'model.replied':
        if (event.text) finish(event.path, event.agent, event.text);
        if (event.path === '' && event.text) terminal.said(event.text);
        hush(event.path);
        return;
      case 'model.restarted':
        hush(event.path);
        return terminal.mention(`${event.agent} begins again.`);
      default: {
        const line = lineOf(event);
        return line === undefined ? undefined : mention(line);
      }
    }
  };
}

function lineOf(event: EventBody): string | undefined {
  switch (event.type) {
    case 'model.called':
      return `${event.agent} thinks …`;
    case 'tool.started':
      return `${event.agent} runs ${event.tool_name} …`;
    case 'member.started':
      return `${event.agent} begins.`;
    case 'member.ended':
      return event.outcome === 'reported' ? undefined : `${event.agent} ${event.outcome}.`;
    case 'model.retrying':
      return `${event.agent} tries again: ${event.error.message}`;
    case 'question.expired':
      return `${event.agent} was not answered in time.`;
    default:
      return undefined;
  }
}
