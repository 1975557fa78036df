/** An agent that works in many steps, with a price, a summary now and then, and a model that stands in. */
import { openai } from 'cadenza';
import { longTeams } from './long.ts';

const price = { inputPerMillion: 1, cachedInputPerMillion: 0.1, outputPerMillion: 10 };
const cheap = { inputPerMillion: 0.5, outputPerMillion: 5 };

export default longTeams(
  { price, fallback: [openai('gpt-4o-mini', { price: cheap })] },
  { policy: 'summarize', tokensMax: 600 },
);
