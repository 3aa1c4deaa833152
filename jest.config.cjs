module.exports = {
  projects: ['<rootDir>/{apps,libs}/*/jest.config.cjs', '<rootDir>/tools/jest.config.cjs'],
  testSequencer: '<rootDir>/tools/longest-first.cjs',
  // A worker keeps some of every suite that it ran, up to 2 GB: one that has grown so far makes room for a new one.
  workerIdleMemoryLimit: '1GB',
  testTimeout: require('./jest.preset.cjs').patienceMs,
};
