/** The model server of every test that is not about that server itself. */
import {
  assertNoRefusals,
  type ModelServer,
  type ModelServerOptions,
  startModelServer,
} from '../../src/testing/index.ts';
import { assertPublishedShape } from './openai-schema.ts';
import { assertOwnWire } from './wires.ts';

/**
 * Starts a model server that, where it is closed, fails the test if it refused a request, had no turn
 * for one, or took one that has not the shape which OpenAI publishes, or came on another wire than
 * the test is about.
 *
 * @param mayRefuse for a test that looks at the refusals itself
 */
export async function startStrictModel(
  options: ModelServerOptions = {},
  { mayRefuse = false } = {},
): Promise<ModelServer> {
  const server = await startModelServer(options);
  return {
    ...server,
    close: async () => {
      await server.close();
      if (!mayRefuse) assertNoRefusals(server);
      assertOwnWire(server.requests);
      assertPublishedShape(server.requests);
    },
  };
}
