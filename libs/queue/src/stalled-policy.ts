/** How a job whose worker died is found again. */
export interface StalledPolicy {
  /** A worker that has not renewed its lock for this long is taken for dead. It is renewed at half of it. */
  lockDurationMs: number;
  /** How often each worker looks for such jobs; so a job moves on after at most the lock and two of these. */
  checkIntervalMs: number;
  /** How often one job may lose its worker: a job that kills its worker must not kill them all. */
  maxStalledCount: number;
}

/** Half a minute at most to recover; a stage waits on the network, so it seldom misses a renewal by 15 s. */
export const defaultStalledPolicy: StalledPolicy = {
  lockDurationMs: 15_000,
  checkIntervalMs: 5_000,
  maxStalledCount: 3,
};
