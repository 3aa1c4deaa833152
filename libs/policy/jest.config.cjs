const preset = require('../../jest.preset.cjs')('policy');

module.exports = { ...preset, setupFiles: [...preset.setupFiles, require.resolve('./jest.setup.cjs')] };
