module.exports = require('../../jest.preset.cjs')('teams');
