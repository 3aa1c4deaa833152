module.exports = require('../../jest.preset.cjs')('stage');
