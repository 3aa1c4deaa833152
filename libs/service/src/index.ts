export * from './clock';
export * from './config';
export * from './logging';
export * from './operations.module';
export * from './problem';
export * from './rounds';
export * from './serve';
