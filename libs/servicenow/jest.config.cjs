module.exports = require('../../jest.preset.cjs')('servicenow');
