import 'reflect-metadata';
import { runService } from '@sallyport/service';
import { startIngest } from './start-ingest';

void runService(startIngest);
