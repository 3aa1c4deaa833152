export { queueBackend, type QueueBackend } from './backend';
export { FatalError, NotYet, RetryableError } from './errors';
export { queueName } from './queue-name';
export type { QueueLogger } from './logger';
export { runQueueMigrations } from './migrations';
export { registerQueueMetrics } from './queue-metrics';
export { defaultRetryPolicy, type RetryPolicy } from './retry-policy';
export { StageErrorFilter } from './stage-error-filter';
export { StageContext, StageHandler } from './stage-handler';
export {
  type FailedJob,
  type QueueCounts,
  type QueuedJobState,
  StageQueues,
  type StageQueuesOptions,
} from './stage-queues';
export type { DeadLetter } from './stage-run';
export { defaultDrainTimeoutMs, StageTransport, type StageTransportOptions } from './stage-transport';
export { defaultStalledPolicy, type StalledPolicy } from './stalled-policy';
