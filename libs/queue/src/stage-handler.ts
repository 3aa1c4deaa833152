import { applyDecorators, UseFilters } from '@nestjs/common';
import { BaseRpcContext, MessagePattern } from '@nestjs/microservices';
import type { Stage } from '@sallyport/evidence';
import { StageErrorFilter } from './stage-error-filter';

/**
 * Marks the one controller method that does a stage's work. It gets the `Job` and a {@link StageContext}. What it
 * throws reaches the transport as it is: the filter stands here because Nest binds handlers before an app could add one.
 * It catches everything first, so a filter of your own goes on the same method, above this decorator.
 */
export function StageHandler(stage: Stage): MethodDecorator {
  return applyDecorators(MessagePattern(stage), UseFilters(StageErrorFilter));
}

/** What a handler, guard or interceptor may know about the delivery, beside the job. */
export class StageContext extends BaseRpcContext<[attempt: number, jobId: string]> {
  /** From 1; a `NotYet` before it does not count. */
  get attempt(): number {
    return this.args[0];
  }

  get jobId(): string {
    return this.args[1];
  }
}
