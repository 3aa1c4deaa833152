module.exports = require('../../jest.preset.cjs')('app-cli');
