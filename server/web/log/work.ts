/**
 * What a team did in a run, as a tree: each agent's words and calls, and below a call the members
 * that it set to work. It is made from the run's log alone, so it shows what is committed.
 */
import type { EventBody } from 'cadenza/client';

/** What an agent said. */
interface Said {
  readonly kind: 'said';
  text: string;
  /** Whether the model is still writing it. */
  isWritten: boolean;
}

/** What an agent asked for. */
export interface Call {
  readonly kind: 'call';
  readonly id: string;
  readonly path: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
  readonly intent: 'refusal' | 'delegation' | 'question' | 'tool' | 'heldTool';
  readonly members: Work[];
  /** Whether its tool has begun. */
  isStarted: boolean;
  /** Whether a question of it is open. */
  isAsked: boolean;
  answer?: { readonly result: string; readonly source: string };
}

/** What one agent did. */
export interface Work {
  /** Where the agent stands in the run; the leader: empty. */
  readonly path: string;
  /** Its own name, without those above it. */
  readonly name: string;
  readonly parts: (Said | Call)[];
  /** The state of its chart. */
  state: string;
  /** How a member ended. */
  outcome?: string;
  /** Why its model has not answered yet, and whether the run stands still for that. */
  trouble?: { readonly message: string; readonly isStalled: boolean };
}

export interface RunWork {
  readonly leader: Work;
  /** Every agent by its path, in the order in which they began. */
  readonly agents: ReadonlyMap<string, Work>;
  /** Takes the next event of the log. */
  take(event: EventBody): void;
}

/** A run of which nothing is known yet. */
export function newRunWork(leaderName: string): RunWork {
  const leader = newWork('', leaderName);
  const agents = new Map([['', leader]]);
  const calls = new Map<string, Call>();

  const agentOf = ({ path, agent }: EventBody): Work => {
    const known = agents.get(path);
    if (known) return known;
    const work = newWork(path, agent.split('/').at(-1) ?? agent);
    agents.set(path, work);
    // A member's path is that of the call that set it to work, and its name.
    calls.get(path.slice(0, path.lastIndexOf(':')))?.members.push(work);
    return work;
  };

  return {
    leader,
    agents,
    take(event) {
      const call = calls.get(event.path);
      if (call) return takeOfCall(call, event);
      if (event.type === 'member.started' || agents.has(event.path)) {
        takeOfAgent(agentOf(event), event, calls);
      }
    },
  };
}

function newWork(path: string, name: string): Work {
  return { path, name, parts: [], state: '' };
}

function takeOfCall(call: Call, event: EventBody): void {
  switch (event.type) {
    case 'tool.started':
      call.isStarted = true;
      break;
    case 'question.opened':
      call.isAsked = true;
      break;
    case 'question.answered':
    case 'question.expired':
    case 'question.cancelled':
      call.isAsked = false;
      break;
    case 'call.answered':
      call.isAsked = false;
      call.answer = { result: event.result, source: event.source };
      break;
  }
}

function takeOfAgent(work: Work, event: EventBody, calls: Map<string, Call>): void {
  switch (event.type) {
    case 'state.entered':
      work.state = event.state;
      break;
    case 'member.ended':
      work.outcome = event.outcome;
      takeBack(work);
      break;
    case 'model.called':
    case 'model.restarted':
      delete work.trouble;
      takeBack(work);
      break;
    case 'model.retrying':
    case 'model.stalled':
      work.trouble = { message: event.error.message, isStalled: event.type === 'model.stalled' };
      takeBack(work);
      break;
    case 'text.delta':
      delete work.trouble;
      written(work).text += event.text;
      break;
    case 'model.replied':
      delete work.trouble;
      takeBack(work);
      takeReply(work, event, calls);
      break;
    case 'run.cancelled':
    case 'run.failed':
      takeBack(work);
  }
}

/** What the model is writing now. */
function written(work: Work): Said {
  const last = work.parts.at(-1);
  if (last?.kind === 'said' && last.isWritten) return last;
  const said: Said = { kind: 'said', text: '', isWritten: true };
  work.parts.push(said);
  return said;
}

/** What was being written counts for nothing: the whole of it comes, or it is written anew. */
function takeBack(work: Work): void {
  const last = work.parts.at(-1);
  if (last?.kind === 'said' && last.isWritten) work.parts.pop();
}

type Replied = Extract<EventBody, { readonly type: 'model.replied' }>;

function takeReply(work: Work, { text, calls: asked }: Replied, calls: Map<string, Call>): void {
  if (text) work.parts.push({ kind: 'said', text, isWritten: false });
  for (const one of asked) {
    const call: Call = { kind: 'call', ...one, members: [], isStarted: false, isAsked: false };
    calls.set(one.path, call);
    work.parts.push(call);
  }
}
