import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureBuilt } from '../tools/upToDate';

describe('a build on demand', () => {
	let root = '';
	let builds = 0;

	const put = (path: string, text: string) => {
		mkdirSync(join(root, path, '..'), { recursive: true });
		writeFileSync(join(root, path), text);
	};
	const ensure = () =>
		ensureBuilt(root, () => {
			builds += 1;
			put('dist/nodes/a.js', `build ${builds}`);
		});

	beforeEach(() => {
		root = mkdtempSync(join(tmpdir(), 'build-'));
		builds = 0;
		for (const file of ['tsconfig.json', 'gulpfile.js', 'package.json']) put(file, '{}');
		put('nodes/a.ts', 'a');
		put('credentials/b.ts', 'b');
		ensure();
	});

	afterEach(() => rmSync(root, { recursive: true }));

	it('does nothing when nothing has changed', () => {
		expect(ensure()).toBe(false);
		expect(builds).toBe(1);
	});

	it.each([
		['a source changes', () => put('nodes/a.ts', 'other')],
		['a source is added', () => put('nodes/c.svg', 'c')],
		['a setting changes', () => put('tsconfig.json', '{ "strict": true }')],
		['the build is gone', () => rmSync(join(root, 'dist'), { recursive: true })],
		['another build took its place', () => put('dist/nodes/a.js', 'older')],
	])('builds when %s', (_what, change) => {
		change();
		expect(ensure()).toBe(true);
		expect(builds).toBe(2);
		expect(ensure()).toBe(false);
	});
});
