module.exports = {
  projects: ['<rootDir>/{apps,libs}/*/jest.config.cjs', '<rootDir>/tools/jest.config.cjs'],
  testSequencer: '<rootDir>/tools/longest-first.cjs',
  testTimeout: require('./jest.preset.cjs').patienceMs,
};
