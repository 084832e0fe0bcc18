import { releaseProblems, type ReleaseFacts } from '../tools/releaseCheck';

const MANIFEST = {
	version: '1.2.3',
	author: { name: 'Somebody', email: 'somebody@aiuta-node.dev' },
	homepage: 'https://github.com/some/node#readme',
	bugs: { url: 'https://github.com/some/node/issues' },
	repository: { type: 'git', url: 'git+https://github.com/some/node.git' },
};

function facts(manifest: object = MANIFEST, more: Partial<ReleaseFacts> = {}): ReleaseFacts {
	return {
		manifest: JSON.stringify(manifest),
		lockFile: JSON.stringify({ version: '1.2.3' }),
		changelog: '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-01\n',
		tag: 'v1.2.3',
		publisher: 'some/node',
		...more,
	};
}

describe('the release check', () => {
	it('finds nothing in a package that is ready', () => {
		expect(releaseProblems(facts())).toEqual([]);
	});

	it('needs neither tag nor publishing repository before there is one', () => {
		const early = facts(MANIFEST, { tag: undefined, publisher: undefined });
		expect(releaseProblems(early)).toEqual([]);
	});

	it.each<[string, ReleaseFacts, RegExp]>([
		['a tag of another version', facts(MANIFEST, { tag: 'v1.2.4' }), /tag is v1\.2\.4/],
		['a tag without v', facts(MANIFEST, { tag: '1.2.3' }), /tag is 1\.2\.3/],
		[
			'a lock file of another version',
			facts(MANIFEST, { lockFile: '{"version":"1.2.2"}' }),
			/package-lock/,
		],
		['a changelog without the version', facts(MANIFEST, { changelog: '# 1.2.3' }), /CHANGELOG/],
		[
			'the address of nobody',
			facts({ ...MANIFEST, author: { email: 'maintainers@n8n-nodes-aiuta.example' } }),
			/author\.email/,
		],
		[
			'an address under example.com',
			facts({ ...MANIFEST, author: { email: 'me@example.com' } }),
			/author\.email/,
		],
		['no author', facts({ ...MANIFEST, author: undefined }), /author\.email/],
		[
			'a homepage of another repository',
			facts({ ...MANIFEST, homepage: 'https://github.com/other/node#readme' }),
			/homepage/,
		],
		[
			'issues of another repository',
			facts({ ...MANIFEST, bugs: { url: 'https://github.com/some/nodes/issues' } }),
			/bugs\.url/,
		],
		[
			'to be published by another repository than it names',
			facts(MANIFEST, { publisher: 'fork/node' }),
			/repository\.url names some\/node, fork\/node is what publishes/,
		],
		['no repository', facts({ ...MANIFEST, repository: undefined }), /repository\.url names no/],
		['no version', facts({ ...MANIFEST, version: undefined }, { tag: undefined }), /no version/],
	])('refuses %s', (_, given, reason) => {
		expect(releaseProblems(given).join('\n')).toMatch(reason);
	});
});
