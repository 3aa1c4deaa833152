export * from './rows';
export * from './data-source';
export * from './case-log';
export * from './effects';
export * from './received-activities';
export * from './watermarks';
