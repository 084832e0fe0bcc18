'use strict';

const { projects } = require('./jest.config');

/**
 * The tests of the modules that are mutated, and no others: the simulation would find most mutants too,
 * but takes seconds for each.
 */
const OWN_TESTS = ['coreTime', 'faultTable', 'generations', 'journal'];

const unit = projects.find(({ displayName }) => displayName === 'unit');

module.exports = {
	...unit,
	testMatch: OWN_TESTS.map((name) => `<rootDir>/test/unit/${name}.test.ts`),
};
