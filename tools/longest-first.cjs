const Sequencer = require('@jest/test-sequencer').default;

/**
 * What takes a minute or more starts first: begun last, it would be waited for alone. Beside the two longest, of which one
 * keeps a core busy all the time, those that mostly wait.
 */
const longest = [
  'apps/cli/src/pipeline.spec.ts',
  'tools/harness/everywhere.spec.ts',
  'libs/entra/src/budget/graph-limiter.spec.ts',
  'apps/cli/src/chaos/chaos.spec.ts',
  'apps/approval/src/clicks-budget.spec.ts',
  'apps/executor/src/crash-everywhere.spec.ts',
  'libs/policy/src/prove.spec.ts',
  'tools/non-interference/non-interference.spec.ts',
  'tools/non-interference/whole-line.spec.ts',
];

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const at = longest.findIndex((name) => path.endsWith(name));
      return at === -1 ? longest.length : at;
    };
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
};
