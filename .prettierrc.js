'use strict';

/** The style of n8n's own node starter: tabs, single quotes, trailing commas, 100 columns. */
module.exports = {
	printWidth: 100,
	useTabs: true,
	tabWidth: 2,
	semi: true,
	singleQuote: true,
	quoteProps: 'as-needed',
	trailingComma: 'all',
	bracketSpacing: true,
	arrowParens: 'always',
	endOfLine: 'lf',
	overrides: [
		{
			files: ['*.yml', '*.yaml', '*.md', 'package.json'],
			options: { useTabs: false },
		},
	],
};
