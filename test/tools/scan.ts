/**
 * Runs n8n's own package scanner, offline. Two passes on every folder: `analyzePackage`, whose
 * verdict n8n publishes by, and ESLint with the same configuration, because the verdict keeps
 * silent about warnings.
 */

import { ESLint } from 'eslint';

/** The figures of one scanned folder. */
export interface ScanResult {
	label: string;
	/** The verdict of `analyzePackage`. */
	passed: boolean;
	files: number;
	errors: number;
	warnings: number;
	/** The findings as text; empty when there are none. */
	details: string;
}

/** Compiled code and manifest: what n8n scans of the published tarball. */
export const TARBALL_PATTERNS = ['**/*.js', 'package.json'];

/**
 * Scan a folder with n8n's configuration, inline disable comments ignored as n8n does.
 * `patterns` are relative to the folder; without them the scanner's own for source trees are used.
 */
export async function scanPackage(
	label: string,
	packageDir: string,
	patterns?: string[],
): Promise<ScanResult> {
	const { analyzePackage, buildScanConfig, SOURCE_FILE_PATTERNS } =
		await import('@n8n/scan-community-package/scanner/scanner.mjs');
	const filePatterns = patterns ?? SOURCE_FILE_PATTERNS;
	const verdict = await analyzePackage(packageDir, filePatterns);
	const eslint = new ESLint({
		cwd: packageDir,
		allowInlineConfig: false,
		overrideConfigFile: true,
		overrideConfig: await buildScanConfig(),
		errorOnUnmatchedPattern: false,
	});
	const results = await eslint.lintFiles(filePatterns);
	const formatter = await eslint.loadFormatter('stylish');
	const findings = await formatter.format(results);
	const count = (key: 'errorCount' | 'warningCount') =>
		results.reduce((total, result) => total + result[key], 0);
	return {
		label,
		passed: verdict.passed,
		files: results.length,
		errors: count('errorCount'),
		warnings: count('warningCount'),
		details: findings.trim() === '' && !verdict.passed ? (verdict.message ?? '') : findings,
	};
}
