/**
 * `npx tsx test/tools/releaseCheck.ts [--tag v1.2.3] [--publisher owner/name] [--built]`: everything
 * of a release that needs no network: versions, changelog and the fields to set, then the build and
 * n8n's gate on tree and tarball. Uploads nothing.
 */

import { readFileSync } from 'fs';
import { join, resolve } from 'path';
import { runGate } from './gate';
import { exitWith } from './run';

const ROOT_DIR = resolve(__dirname, '../..');
/** Names under which nothing real can be reached: RFC 2606, section 2. */
const RESERVED_DOMAIN = /[@.](?:example|test|invalid|localhost)$|[@.]example\.(?:com|net|org)$/;
const SEMANTIC_VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

/** What a release is judged by. */
export interface ReleaseFacts {
	/** The files, as text. */
	manifest: string;
	lockFile: string;
	changelog: string;
	/** The tag it is made for, if there is one yet. */
	tag: string | undefined;
	/** The GitHub repository whose workflow publishes, as `owner/name`, if one does already. */
	publisher: string | undefined;
}

interface Manifest {
	version?: string;
	author?: { email?: string };
	homepage?: string;
	bugs?: { url?: string };
	repository?: { url?: string };
}

/** `owner/name` of a GitHub address, or undefined. */
function repositoryOf(address: string | undefined): string | undefined {
	return /github\.com\/([\w.-]+\/[\w.-]+?)(?:\.git|[#/]|$)/.exec(address ?? '')?.[1];
}

/** Name every reason not to publish that the files tell; none when there is none. */
export function releaseProblems(facts: ReleaseFacts): string[] {
	const { manifest, lockFile, changelog, tag, publisher } = facts;
	const { version = '', author, homepage, bugs, repository } = JSON.parse(manifest) as Manifest;
	const locked = JSON.parse(lockFile) as Manifest;
	const problems: string[] = [];
	if (!SEMANTIC_VERSION.test(version)) problems.push(`package.json: no version: "${version}"`);
	if (locked.version !== version) {
		problems.push(`package-lock.json says ${locked.version ?? 'nothing'}, package.json ${version}`);
	}
	if (tag !== undefined && tag !== `v${version}`) {
		problems.push(`The tag is ${tag}, the version in package.json is ${version}`);
	}
	if (!changelog.includes(`\n## [${version}]`)) {
		problems.push(`CHANGELOG.md has no section "## [${version}]"`);
	}
	const email = author?.email ?? '';
	if (email === '' || RESERVED_DOMAIN.test(email)) {
		problems.push(`package.json: author.email must be a real address, not "${email}"`);
	}
	const home = repositoryOf(repository?.url);
	if (home === undefined) problems.push('package.json: repository.url names no GitHub repository');
	// npm refuses the provenance of another repository than the one the package names.
	if (publisher !== undefined && home?.toLowerCase() !== publisher.toLowerCase()) {
		problems.push(
			`package.json: repository.url names ${home ?? 'none'}, ${publisher} is what publishes`,
		);
	}
	for (const [field, address] of [
		['homepage', homepage],
		['bugs.url', bugs?.url],
	] as const) {
		if (repositoryOf(address) !== home) {
			problems.push(`package.json: ${field} and repository.url name different repositories`);
		}
	}
	return problems;
}

/** Read an option's value from the arguments of a command line. */
function optionOf(args: readonly string[], name: string): string | undefined {
	const index = args.indexOf(name);
	if (index < 0) return undefined;
	const value = args[index + 1];
	if (value === undefined) throw new Error(`${name} needs a value`);
	return value;
}

async function main(args: readonly string[]): Promise<number> {
	const read = (file: string) => readFileSync(join(ROOT_DIR, file), 'utf8');
	const problems = releaseProblems({
		manifest: read('package.json'),
		lockFile: read('package-lock.json'),
		changelog: read('CHANGELOG.md'),
		tag: optionOf(args, '--tag'),
		publisher: optionOf(args, '--publisher'),
	});
	problems.push(...(await runGate(args.includes('--built'))));
	for (const problem of problems) console.error(`Release: ${problem}`);
	console.log(problems.length === 0 ? 'Ready to publish.' : 'Not ready to publish.');
	return problems.length === 0 ? 0 : 1;
}

if (require.main === module) exitWith(main(process.argv.slice(2)));
