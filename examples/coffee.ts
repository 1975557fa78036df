import { defineAgent, defineTeam, getUserInput, openai, createRuntime, sqliteStore } from 'cadenza';
import { ask } from './terminal.ts';

const worker = defineAgent({
  name: 'WorkerAgent', role: 'Generates questions for the user.',
  model: openai('gpt-4o-mini'), instructions: ['Ask two questions about the topic with get_user_input.'],
  tools: [getUserInput()],
});
const team = defineTeam({                       // a team is its leader and its members
  name: 'OrchestratorTeam', mode: 'coordinate', model: openai('gpt-4o-mini'),
  instructions: ['Delegate the topic to the WorkerAgent, then report the answers.'],
  members: [worker],                            // agents or teams
});

const runtime = await createRuntime({ teams: [team], store: sqliteStore('cadenza.db') });
let run = await runtime.start({ message: 'Coffee' });
while (run.status === 'input_required') run = await runtime.resume(run.id, await ask(run.questions));
console.log(run.status, '—', run.status === 'completed' && run.content);
await runtime.close();
