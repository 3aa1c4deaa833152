/** Raised by Ctrl-C and its like, so that everything that was started is stopped on the way out. */
export class Interrupted extends Error {
  constructor(readonly signal: NodeJS.Signals) {
    super(`stopped by ${signal}`);
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A promise that rejects when the user interrupts. A second interrupt changes nothing: stopping is under way. */
export function untilInterrupted(): { promise: Promise<never>; forget: () => void } {
  let interrupt: (signal: NodeJS.Signals) => void = () => undefined;
  const promise = new Promise<never>((_, reject) => {
    interrupt = (signal) => reject(new Interrupted(signal));
  });
  promise.catch(() => undefined);
  for (const signal of signals) process.on(signal, interrupt);
  return {
    promise,
    forget: () => {
      for (const signal of signals) process.off(signal, interrupt);
      for (const signal of signals) process.on(signal, () => undefined);
    },
  };
}
