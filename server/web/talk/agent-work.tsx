/** What an agent said and asked for. What its members did folds under the call that set them to work. */
import { useEffect, useState } from 'preact/hooks';
import { Exact } from '../answer/exact.tsx';
import { callStanding, standing } from '../log/words.ts';
import type { Call, Work } from '../log/work.ts';

interface AgentWorkProps {
  readonly work: Work;
  readonly level: number;
}

export function AgentWork({ work, level }: AgentWorkProps) {
  return (
    <div class={level === 0 ? 'work' : 'work inside'}>
      {work.parts.map((part, index) =>
        part.kind === 'said' ? (
          <p key={index} class="said" dir="auto" data-written={part.isWritten || undefined}>
            {part.text}
          </p>
        ) : part.members.length > 0 ? (
          <Delegation key={part.path} call={part} level={level} />
        ) : (
          <ToolCall key={part.path} call={part} />
        ),
      )}
      {work.trouble && !work.trouble.isStalled && <p class="soft">{work.trouble.message}</p>}
    </div>
  );
}

/** Open while its members are at work, unless you say otherwise. */
function Delegation({ call, level }: { readonly call: Call; readonly level: number }) {
  const isAtWork = call.answer === undefined;
  const [isOpen, setOpen] = useState(isAtWork);
  useEffect(() => {
    if (!isAtWork) setOpen(false);
  }, [isAtWork]);
  const task = taskOf(call);
  return (
    <details
      class="call"
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      data-waits={
        call.members.some(({ state }) => state.endsWith('awaitingUserInput')) || undefined
      }
    >
      <summary>
        <bdi class="name">{call.members.map(({ name }) => name).join(', ')}</bdi>
        <span class="standing">{callStanding(call)}</span>
        {task && (
          <span class="excerpt" dir="auto">
            {task}
          </span>
        )}
      </summary>
      {call.members.map((member) => (
        <div key={member.path} class="member">
          {call.members.length > 1 && (
            <p class="soft">
              <bdi class="name">{member.name}</bdi> {standing(member)}
            </p>
          )}
          <AgentWork work={member} level={level + 1} />
        </div>
      ))}
    </details>
  );
}

function ToolCall({ call }: { readonly call: Call }) {
  return (
    <details class="call" data-waits={call.isAsked || undefined}>
      <summary>
        <bdi class="name tool">{call.name}</bdi>
        <span class="standing">{callStanding(call)}</span>
      </summary>
      <div class="inside">
        <Exact title="Arguments, written by the model" json={call.arguments} />
        {call.answer && <Exact title="Result" json={call.answer.result} />}
      </div>
    </details>
  );
}

/** What a member was told to do, if its leader said so in the usual way. */
function taskOf(call: Call): string | undefined {
  try {
    const { task } = Object(JSON.parse(call.arguments));
    return typeof task === 'string' ? task : undefined;
  } catch {
    return undefined;
  }
}
