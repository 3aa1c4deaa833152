export * from './faults';
export * from './simulated-clients';
export * from './tenant';
