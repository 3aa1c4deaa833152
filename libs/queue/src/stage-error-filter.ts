import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/**
 * Hands every exception on as it is. Our own classes pass without it; with it, the message of an unforeseen error
 * reaches the log and the review too, where Nest's default handler would have put "Internal server error".
 */
@Catch()
export class StageErrorFilter implements RpcExceptionFilter {
  catch(exception: unknown): Observable<never> {
    return throwError(() => exception);
  }
}
