module.exports = require('../../jest.preset.cjs')('scenario');
