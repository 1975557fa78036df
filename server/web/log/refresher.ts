/** Reads something anew whenever it may have changed, and never twice at a time. */

/** @param read asked for again meanwhile, it is called once more after that */
export function refresher(read: () => Promise<void>): () => void {
  let isReading = false;
  let isAskedAgain = false;
  const readAll = async (): Promise<void> => {
    isReading = true;
    do {
      isAskedAgain = false;
      await read();
    } while (isAskedAgain);
  };
  return () => {
    isAskedAgain = true;
    if (isReading) return;
    readAll()
      // The server is away: whoever hears that it is back asks again.
      .catch(() => undefined)
      .finally(() => {
        isReading = false;
      });
  };
}
