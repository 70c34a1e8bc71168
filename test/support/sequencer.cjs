const { default: Sequencer } = require("@jest/test-sequencer");

/**
 * Runs the short unit tests last. Then no worker is left with a long test at the end, also in the first run, in which
 * Jest knows no durations.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const isUnit = ({ path }) => path.includes("/test/unit/");
    return super.sort(tests).sort((one, other) => Number(isUnit(one)) - Number(isUnit(other)));
  }
};
