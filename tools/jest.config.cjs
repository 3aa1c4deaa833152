module.exports = { ...require('../jest.preset.cjs')('tools'), testMatch: ['<rootDir>/**/*.spec.ts'] };
