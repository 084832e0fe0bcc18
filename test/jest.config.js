'use strict';

const path = require('path');

const rootDir = path.join(__dirname, '..');

/**
 * Describe one level of tests: the folder `test/<name>`, run in Node, types stripped without a
 * check (`npm run typecheck` does that once for all).
 */
function project(name) {
	return {
		displayName: name,
		rootDir,
		roots: ['<rootDir>/nodes', '<rootDir>/credentials', '<rootDir>/test'],
		testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
		testEnvironment: 'node',
		// Inside the tree: the default is a folder of the machine's temporary directory.
		cacheDirectory: '<rootDir>/node_modules/.cache/jest',
		transform: {
			'^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/test/tsconfig.json' }],
		},
		restoreMocks: true,
	};
}

module.exports = {
	rootDir,
	maxWorkers: '100%',
	// On a busy machine a test that takes a second may take ten; a hang is a failure all the same.
	testTimeout: 30_000,
	projects: [project('unit'), project('contract'), project('engine')],
};
