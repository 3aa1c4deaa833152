module.exports = require('../../jest.preset.cjs')('evidence');
