import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FAILURES } from '../../nodes/Aiuta/api/failureCatalogue';
import { anchorOf, brokenLinks, localLinks } from '../tools/links';
import { listProjectFiles } from '../tools/projectFiles';

const ROOT_DIR = join(__dirname, '../..');
const README_LINES = 200;

const PAGES = listProjectFiles(ROOT_DIR)
	.filter((file) => file.endsWith('.md') && !file.startsWith('.github/'))
	.sort();
const README = readFileSync(join(ROOT_DIR, 'README.md'), 'utf8');

/** Pages that a user reads, and that must not leave them alone. */
const USER_PAGES = PAGES.filter((page) => page.startsWith('docs/'));

function read(page: string): string {
	return readFileSync(join(ROOT_DIR, page), 'utf8');
}

describe('the check of links', () => {
	const folder = mkdtempSync(join(tmpdir(), 'links-'));
	const page = join(folder, 'page.md');
	afterAll(() => rmSync(folder, { recursive: true }));

	it.each([
		['[a](missing.md)', ['missing.md: there is no such file']],
		['![a](missing.png)', ['missing.png: there is no such file']],
		['# Here\n[a](#there)', ['#there: page.md has no such heading']],
		['# Here\n[a](page.md#there)', ['page.md#there: page.md has no such heading']],
		['# It is here\n[a](#it-is-here)', []],
		['# A\n# A\n[b](#a-1)', []],
		['[a](https://example.com/missing.md)', []],
		['```\n# Here\n```\n[a](#here)', ['#here: page.md has no such heading']],
	])('judges %j', (markdown, broken) => {
		writeFileSync(page, markdown);
		expect(brokenLinks(page)).toEqual(broken);
	});

	it.each([
		['Plan (Dry Run)', 'plan-dry-run'],
		['Which n8n? `2.0.3` & newer', 'which-n8n-203--newer'],
	])('makes of the heading %s the anchor that GitHub makes', (heading, anchor) => {
		expect(anchorOf(heading)).toBe(anchor);
	});
});

describe('the pages', () => {
	it.each(PAGES)('%s has no link that leads nowhere', (page) => {
		expect(brokenLinks(join(ROOT_DIR, page))).toEqual([]);
	});

	it.each(USER_PAGES)('%s is reached from the README and leads back or on', (page) => {
		expect(localLinks(README).map((link) => link.split('#')[0])).toContain(page);
		expect(localLinks(read(page)).length).toBeGreaterThan(0);
	});

	it.each(['README.md', ...USER_PAGES])(
		'%s names no error code that the node does not know',
		(page) => {
			const named = [...read(page).matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].flatMap(
				([, name]) => name ?? [],
			);
			const elsewhere = /^(IN_PROGRESS|AIUTA_|QUEUE_|N8N_|EXECUTIONS_|DB_)/;
			const codes = named.filter((name) => !elsewhere.test(name));
			expect(codes.filter((code) => !(code in FAILURES))).toEqual([]);
		},
	);
});

describe('the README', () => {
	const headings = [...README.matchAll(/^## (.+)$/gm)].flatMap(([, heading]) => heading ?? []);

	it(`is a page of at most ${README_LINES} lines that begins with a picture and the installation`, () => {
		expect(README.trimEnd().split('\n').length).toBeLessThanOrEqual(README_LINES);
		expect(headings[0]).toBe('Install');
		expect(README.indexOf('![')).toBeLessThan(README.indexOf('## Install'));
	});

	it('lists all its sections in its contents', () => {
		const contents = README.slice(README.indexOf('**Contents:**'), README.indexOf('## Install'));
		expect(localLinks(contents)).toEqual(headings.map((heading) => `#${anchorOf(heading)}`));
	});

	it.each(['npm ci && npm run demo', 'npm ci && npm test'])('gives the command %s', (command) => {
		expect(README).toContain(`\n${command}\n`);
	});
});

describe('CONTRIBUTING.md', () => {
	it('names files that exist, below the project or below nodes/Aiuta', () => {
		const paths = [
			...read('CONTRIBUTING.md').matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.(?:ts|json|yml|md))`/g),
		].flatMap(([, path]) => path ?? []);
		expect(paths).toContain('batch/create.ts');
		const isThere = (path: string) =>
			['', 'nodes/Aiuta'].some((folder) => existsSync(join(ROOT_DIR, folder, path)));
		expect(paths.filter((path) => !isThere(path))).toEqual([]);
	});
});
