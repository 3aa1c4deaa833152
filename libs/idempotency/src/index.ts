export * from './canonical-json';
export * from './digest';
export * from './keys';
