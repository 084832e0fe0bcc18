import { buildScanConfig } from '@n8n/scan-community-package/scanner/scanner.mjs';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What n8n's verification looks at; the same files as the scanner's SOURCE_FILE_PATTERNS. */
const SHIPPED_SOURCES = [
	'package.json',
	'nodes/**/*.{js,ts,json}',
	'credentials/**/*.{js,ts,json}',
];

export default defineConfig(
	globalIgnores([
		'dist/',
		'node_modules/',
		'coverage/',
		'demo-output/',
		'reports/',
		'.stryker-tmp/',
	]),
	{
		// n8n's scanner ignores inline disable comments as well.
		linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
	},
	{ files: SHIPPED_SOURCES, extends: [await buildScanConfig()] },
	{
		files: ['**/*.js'],
		languageOptions: { sourceType: 'commonjs' },
		rules: { strict: ['error', 'global'] },
	},
	{
		files: ['**/*.{js,mjs,ts}'],
		rules: {
			eqeqeq: ['error', 'always', { null: 'ignore' }],
			'no-var': 'error',
			'prefer-const': 'error',
			'no-implicit-coercion': 'error',
			'object-shorthand': 'error',
		},
	},
	{
		files: ['**/*.ts'],
		extends: [tseslint.configs.recommendedTypeChecked],
		languageOptions: {
			parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname },
		},
		rules: {
			'@typescript-eslint/consistent-type-imports': [
				'error',
				{ fixStyle: 'separate-type-imports', disallowTypeAnnotations: false },
			],
			'@typescript-eslint/explicit-module-boundary-types': 'error',
			'@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
			'@typescript-eslint/no-explicit-any': 'error',
			'@typescript-eslint/no-floating-promises': 'error',
			'@typescript-eslint/no-import-type-side-effects': 'error',
			'@typescript-eslint/no-misused-promises': 'error',
			'@typescript-eslint/no-non-null-assertion': 'error',
			'@typescript-eslint/no-unnecessary-type-assertion': 'error',
			'@typescript-eslint/no-unused-vars': [
				'error',
				{ argsIgnorePattern: '^_', ignoreRestSiblings: true },
			],
			'@typescript-eslint/prefer-readonly': 'error',
			'@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
			// Implementations of a port are async by their type, not by what they happen to await.
			'@typescript-eslint/require-await': 'off',
			'@typescript-eslint/switch-exhaustiveness-check': [
				'error',
				{ considerDefaultExhaustiveForUnions: true },
			],
		},
	},
	{
		files: ['test/**/*.test.ts'],
		// Jest types its matchers (`expect.any(...)`) as any, also where they stand in for a value.
		rules: { '@typescript-eslint/no-unsafe-assignment': 'off' },
	},
);
