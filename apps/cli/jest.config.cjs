// The pipeline spec plays every scenario on both backends. Since the tenant-wide Graph budget it does not come to its
// end in time on two cores, which is not understood yet: it runs on its own, with PIPELINE=1, until it is.
module.exports = {
  ...require('../../jest.preset.cjs')('app-cli'),
  testPathIgnorePatterns: process.env.PIPELINE === '1' ? [] : ['pipeline\\.spec\\.ts$'],
};
