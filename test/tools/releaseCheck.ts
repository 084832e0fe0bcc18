/**
 * `npx tsx test/tools/releaseCheck.ts [--tag v1.2.3] [--built]`: everything of a release that needs no
 * network: versions, changelog and the fields to set, then the build and n8n's gate on tree and
 * tarball. Uploads nothing.
 */

import { mkdtempSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join, resolve } from 'path';
import { collectFacts, judge, report } from './gate';
import { stream } from './run';

const ROOT_DIR = resolve(__dirname, '../..');
const BUILD_LIMIT_MS = 5 * 60_000;
/** Names under which nothing real can be reached: RFC 2606, section 2. */
const RESERVED_DOMAIN = /[@.](?:example|test|invalid|localhost)$|[@.]example\.(?:com|net|org)$/;
const SEMANTIC_VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

/** The files a release is judged by, as text, and the tag it is made for, if there is one yet. */
export interface ReleaseFacts {
	manifest: string;
	lockFile: string;
	changelog: string;
	tag: string | undefined;
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
export function releaseProblems({ manifest, lockFile, changelog, tag }: ReleaseFacts): string[] {
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
	});
	if (!args.includes('--built')) {
		const options = { cwd: ROOT_DIR, env: process.env, limitMs: BUILD_LIMIT_MS };
		if ((await stream('npm', ['run', '--silent', 'build'], options)) !== 0) {
			problems.push('The build failed');
		}
	}
	const workDir = mkdtempSync(join(tmpdir(), 'release-'));
	// The scanner makes a temporary directory of its own while it is imported and leaves it behind.
	process.env.TMPDIR = workDir;
	try {
		const facts = await collectFacts(ROOT_DIR, workDir);
		for (const line of report(facts)) console.log(line);
		problems.push(...judge(facts));
	} finally {
		rmSync(workDir, { recursive: true, force: true });
	}
	for (const problem of problems) console.error(`Release: ${problem}`);
	console.log(problems.length === 0 ? 'Ready to publish.' : 'Not ready to publish.');
	return problems.length === 0 ? 0 : 1;
}

if (require.main === module) {
	main(process.argv.slice(2)).then(
		(code) => {
			process.exitCode = code;
		},
		(error: unknown) => {
			console.error(error);
			process.exitCode = 1;
		},
	);
}
