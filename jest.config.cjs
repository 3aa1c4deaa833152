module.exports = {
  projects: ['<rootDir>/{apps,libs}/*/jest.config.cjs', '<rootDir>/tools/jest.config.cjs'],
  testTimeout: 30_000,
};
