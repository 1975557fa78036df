/** What every model server of the kit must be able to say at the end of a test. */
import { assertNoRefusals, type ModelServer } from '../../src/testing/index.ts';
import { assertPublishedShape } from './openai-schema.ts';
import { assertOwnWire } from './wires.ts';

/**
 * Closes a model server, and fails the test if it refused a request, had no turn for one, or took one
 * that has not the shape which OpenAI publishes, or came on another wire than the test is about.
 */
export async function endModel(model: ModelServer): Promise<void> {
  await model.close();
  assertNoRefusals(model);
  assertOwnWire(model.requests);
  assertPublishedShape(model.requests);
}
