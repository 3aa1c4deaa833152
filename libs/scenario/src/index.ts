export * from './base-tenant';
export * from './faults';
export * from './own-keys';
export * from './read-scenario';
export * from './scenario';
export * from './simulated-clients';
export * from './tenant';
