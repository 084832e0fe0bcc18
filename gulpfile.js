'use strict';

const { build } = require('esbuild');
const { readFile, rm } = require('fs/promises');
const path = require('path');
const { dest, parallel, series, src } = require('gulp');
const ts = require('typescript');

const OUTPUT_DIR = path.join(__dirname, 'dist');

/** Remove the build output, so that nothing of an earlier build is packed. */
function clean() {
	return rm(OUTPUT_DIR, { recursive: true, force: true });
}

/** Comments are for those who read the sources: in the package they would be a tenth of the script. */
const withoutComments = {
	name: 'without comments',
	setup({ onLoad }) {
		onLoad({ filter: /\.ts$/ }, async (file) => {
			const compilerOptions = {
				target: ts.ScriptTarget.ES2022,
				module: ts.ModuleKind.ESNext,
				removeComments: true,
			};
			const source = await readFile(file.path, 'utf8');
			const contents = ts.transpileModule(source, { compilerOptions }).outputText;
			return { contents, loader: 'js' };
		});
	},
};

/**
 * Put what n8n loads, and all that it imports, into one script each: it loads sooner than a hundred
 * small ones. Comments and white space stay behind, names stay as they are. `npm run typecheck` checks
 * the types.
 */
function bundle() {
	return build({
		absWorkingDir: __dirname,
		entryPoints: ['nodes/Aiuta/Aiuta.node.ts', 'credentials/AiutaApi.credentials.ts'],
		outdir: OUTPUT_DIR,
		outbase: __dirname,
		bundle: true,
		platform: 'node',
		format: 'cjs',
		target: 'es2022',
		external: ['n8n-workflow'],
		plugins: [withoutComments],
		minifySyntax: true,
		charset: 'utf8',
		minifyWhitespace: true,
		logLevel: 'warning',
	});
}

/** Copy what the bundler leaves behind: icons, codex files and previews of outputs, at their place. */
function copy() {
	// gulp 5 reads files as UTF-8 text by default, which would damage a PNG.
	return src(['{nodes,credentials}/**/*.{svg,png,node.json}', 'nodes/**/__schema__/**/*.json'], {
		base: '.',
		encoding: false,
	}).pipe(dest(OUTPUT_DIR));
}

module.exports = { build: series(clean, parallel(bundle, copy)) };
