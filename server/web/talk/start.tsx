/** Where a conversation begins: which team, and what you say to it. Earlier ones stand beneath. */
import { useEffect, useId, useState } from 'preact/hooks';
import { client, sentenceOf } from '../api.ts';
import { goTo } from '../route.ts';
import { Composer } from './composer.tsx';
import { Recent } from './recent.tsx';

type Team = Awaited<ReturnType<typeof client.teams>>['teams'][number];

export function Start() {
  const { teams, trouble } = useTeams();
  const [chosen, choose] = useState<string>();
  const team = chosen ?? teams?.[0]?.name;
  return (
    <div class="narrow start">
      <h1>Talk to {teams && teams.length > 1 ? 'a team' : 'the team'}</h1>
      {trouble && <p class="trouble">{trouble}</p>}
      {teams && <Teams teams={teams} chosen={team ?? ''} choose={choose} />}
      <Composer
        label="Your message"
        start={team === undefined ? {} : { team }}
        onStarted={(run) => goTo({ view: 'run', runId: run.run_id, tab: 'talk' })}
      />
      <Recent />
    </div>
  );
}

interface TeamsProps {
  readonly teams: readonly Team[];
  readonly chosen: string;
  readonly choose: (name: string) => void;
}

/** With one team there is nothing to choose, but something to say. */
function Teams({ teams, chosen, choose }: TeamsProps) {
  const name = useId();
  const [only] = teams;
  if (teams.length === 1 && only) return <div class="team">{<About team={only} />}</div>;
  return (
    <fieldset class="teams">
      <legend>Team</legend>
      {teams.map((team) => (
        <label key={team.name} class="team">
          <input
            type="radio"
            name={name}
            checked={team.name === chosen}
            onChange={() => choose(team.name)}
          />
          <About team={team} />
        </label>
      ))}
    </fieldset>
  );
}

function About({ team }: { readonly team: Team }) {
  const members = team.members.map((member) => member.name).join(', ');
  return (
    <span class="about">
      <bdi class="name">{team.name}</bdi>
      {team.role && <span dir="auto">{team.role}</span>}
      {members && (
        <span class="soft">
          with <bdi>{members}</bdi>
        </span>
      )}
    </span>
  );
}

function useTeams() {
  const [teams, setTeams] = useState<readonly Team[]>();
  const [trouble, setTrouble] = useState<string>();
  useEffect(() => {
    const stop = new AbortController();
    client.teams({ signal: stop.signal }).then(
      (list) => setTeams(list.teams),
      (error: unknown) => stop.signal.aborted || setTrouble(sentenceOf(error)),
    );
    return () => stop.abort();
  }, []);
  return { teams, trouble };
}
