/** What was said in a run as AG-UI's messages, with the ids of the events. */
import type { AgentMessages, Run } from '../../src/index.ts';
import { type AguiMessage, idOf } from './protocol.ts';

/** The id of an agent's reply; they are counted from 1. */
export function replyId(runId: string, agent: string, number: number): string {
  return idOf(runId, `${agent}#${number}`);
}

export function resultId(toolCallId: string): string {
  return `${toolCallId}=`;
}

export function messagesOf(
  run: Pick<Run, 'id' | 'message' | 'messageId'>,
  agents: readonly AgentMessages[],
): AguiMessage[] {
  return [
    { id: run.messageId, role: 'user', content: run.message },
    ...agents.filter(({ path }) => path === '').flatMap((leader) => saidBy(run.id, leader, agents)),
  ];
}

/** Replies, each followed by the results of its calls, as clients file them, and by what its members said. */
function saidBy(
  runId: string,
  { path, messages }: AgentMessages,
  agents: readonly AgentMessages[],
): AguiMessage[] {
  const by = path === '' ? {} : { subagentRunId: idOf(runId, path) };
  const replies = messages.flatMap((one) => (one.role === 'assistant' ? [one] : []));
  return replies.flatMap(({ text, calls }, index): AguiMessage[] => {
    const known = calls.map((call) => {
      const place = path === '' ? call.id : `${path}/${call.id}`;
      return { ...call, place, id: idOf(runId, place) };
    });
    const toolCalls = known.map(({ id, name, arguments: args }) => {
      return { id, type: 'function', function: { name, arguments: args } } as const;
    });
    const members = agents.filter(({ path: member }) =>
      known.some(({ place }) => {
        return member.startsWith(`${place}:`) && !member.slice(place.length).includes('/');
      }),
    );
    return [
      {
        id: replyId(runId, path, index + 1),
        role: 'assistant',
        ...by,
        ...(text === null ? {} : { content: text }),
        ...(toolCalls.length > 0 ? { toolCalls } : {}),
      },
      ...known.flatMap(({ id, result }): AguiMessage[] =>
        result === null
          ? []
          : [{ id: resultId(id), role: 'tool', ...by, toolCallId: id, content: result }],
      ),
      ...members.flatMap((member) => saidBy(runId, member, agents)),
    ];
  });
}
