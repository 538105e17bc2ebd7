const cell = new Int32Array(new SharedArrayBuffer(4));

/** How long to wait for what is bound to come, milliseconds: the guests, which are emulated, are given more. */
export const usual = Number(process.env['OCIRUN_TEST_PATIENCE'] ?? 5000);

/** Block for some milliseconds. */
export const pause = (milliseconds: number): void => void Atomics.wait(cell, 0, 0, milliseconds);

/** Ask until the answer is there; undefined after `milliseconds`. For what offers no event to wait for. */
export const until = <T>(question: () => T | undefined | false, milliseconds = usual): T | undefined => {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = question();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) return undefined;
    pause(5);
  }
};

/** The same without blocking the event loop. */
export const untilLater = async <T>(
  question: () => T | undefined | false,
  milliseconds = usual,
): Promise<T | undefined> => {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = question();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) return undefined;
    await new Promise((later) => setTimeout(later, 5));
  }
};
