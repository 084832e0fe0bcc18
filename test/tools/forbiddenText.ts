/**
 * Finds what must not stand in a published file: absolute paths of the machine somebody worked
 * on, and hosts of package registries.
 */

/** Absolute paths; what comes before must not make it a part of a URL or of a relative path. */
const MACHINE_PATH =
	/(?:file:\/\/|(?<![\w.~:/\\})\]*-]))\/(?:work|farm|root|tmp|Users|private|home(?!\/node\b))\/[\w.@-]+/;
const REGISTRY_HOST =
	/\b(?:registry\.[a-z0-9-]+\.[a-z]{2,}|npmjs\.org|yarnpkg\.com|deb\.[a-z]+\.org)\b/;

const RULES: ReadonlyArray<[string, RegExp]> = [
	['machine path', MACHINE_PATH],
	['registry host', REGISTRY_HOST],
];

/** Name every line of a text that holds something forbidden; binary content has none. */
export function findForbiddenText(path: string, text: string): string[] {
	if (text.includes('\0')) return [];
	return text.split('\n').flatMap((line, index) =>
		RULES.flatMap(([what, pattern]) => {
			const found = pattern.exec(line);
			return found === null ? [] : [`${path}:${index + 1}: ${what} ${found[0]}`];
		}),
	);
}
