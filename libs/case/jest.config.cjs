module.exports = require('../../jest.preset.cjs')('case');
