module.exports = require('../../jest.preset.cjs')('entra');
