import { Module } from '@nestjs/common';
import { TriageHandler } from './triage.handler';

@Module({ controllers: [TriageHandler] })
export class TriageModule {}
