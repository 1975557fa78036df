/** The agents of a run, and the state that each is in. */
import type { RunBody } from 'cadenza/client';
import { useRun } from '../log/use-run.ts';
import { standing } from '../log/words.ts';

/** @param props.known the run, as far as it is known */
export function ChartTab({ known }: { readonly known: RunBody }) {
  const { work, trouble } = useRun(known, true);
  return (
    <div class="narrow">
      {trouble && <p class="trouble">{trouble}</p>}
      <table class="actors">
        <caption class="unseen">The agents of the run</caption>
        <thead>
          <tr>
            <th scope="col">Agent</th>
            <th scope="col">Now</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {[...work.agents.values()].map((agent) => (
            <tr key={agent.path}>
              <th scope="row">
                <bdi class="name">{agent.name}</bdi>
              </th>
              <td>{standing(agent)}</td>
              <td>
                <code>{agent.outcome ?? agent.state}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
