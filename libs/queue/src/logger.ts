/**
 * Where the queue reports. A pino logger fits as it is. Fields hold ids, stages and codes; `err` may hold a message
 * from outside, so redaction is the business of the logger that is passed in.
 */
export interface QueueLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
