export * from './stage';
export * from './scalar';
export * from './reading';
export * from './evidence';
export * from './decision';
export * from './triage';
export * from './review';
export * from './event';
