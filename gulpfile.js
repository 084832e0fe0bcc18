'use strict';

const { rm } = require('fs/promises');
const path = require('path');
const { dest, src } = require('gulp');

const OUTPUT_DIR = path.join(__dirname, 'dist');

/** Remove the build output, so that nothing of an earlier build is packed. */
function clean() {
	return rm(OUTPUT_DIR, { recursive: true, force: true });
}

/** Copy what the compiler leaves behind: icons, codex files and previews of outputs, at their place. */
function copy() {
	// gulp 5 reads files as UTF-8 text by default, which would damage a PNG.
	return src(['{nodes,credentials}/**/*.{svg,png,node.json}', 'nodes/**/__schema__/**/*.json'], {
		base: '.',
		encoding: false,
	}).pipe(dest(OUTPUT_DIR));
}

module.exports = { clean, copy };
