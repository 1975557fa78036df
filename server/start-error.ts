/** A mistake in how the server was started, told in one sentence. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
