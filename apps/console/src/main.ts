import 'reflect-metadata';
import { runService } from '@sallyport/service';
import { startConsole } from './start-console';

void runService(() => startConsole(process.env));
