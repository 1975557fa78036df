/** The team that `npm start` serves: a leader, and a worker that asks you about a topic. */
import { defineAgent, defineTeam, getUserInput, openai } from 'cadenza';

const worker = defineAgent({
  name: 'WorkerAgent',
  role: 'Generates questions for the user.',
  model: openai('gpt-4o-mini'),
  instructions: ['Ask two questions about the topic with get_user_input.'],
  tools: [getUserInput()],
});

export default defineTeam({
  name: 'OrchestratorTeam',
  mode: 'coordinate',
  model: openai('gpt-4o-mini'),
  instructions: ['Delegate the topic to the WorkerAgent, then report the answers.'],
  members: [worker],
});
