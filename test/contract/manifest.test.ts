import { existsSync, readFileSync } from 'fs';
import { join } from 'path';
import manifest from '../../package.json';
import { findForbiddenText } from '../tools/forbiddenText';
import { importsOf } from '../tools/importDirections';
import { listPackage } from '../tools/pack';
import { listProjectFiles, ROOT_DIR, walk } from '../tools/projectFiles';

const DIST = join(ROOT_DIR, 'dist');
const projectFiles = listProjectFiles(ROOT_DIR);
const read = (path: string) => readFileSync(join(ROOT_DIR, path), 'utf8');

/** What a build must hold: the two scripts that n8n loads, and the icons, codex files and previews. */
function expectedBuild(): string[] {
	return projectFiles
		.filter((path) =>
			/^(nodes|credentials)\/(.*\.(node|credentials)\.ts|.*\.(svg|png|node\.json)|.*\/__schema__\/.*\.json)$/.test(
				path,
			),
		)
		.map((path) => `dist/${path.replace(/\.ts$/, '.js')}`);
}

describe('the manifest', () => {
	it('has the name, licence and keyword by which n8n finds community nodes', () => {
		expect(manifest.name).toBe('n8n-nodes-aiuta');
		expect(manifest.license).toBe('MIT');
		expect(manifest.keywords).toContain('n8n-community-node-package');
		expect(read('LICENSE')).toMatch(/^MIT License\n/);
	});

	it('brings nothing into an n8n installation but itself', () => {
		expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
		for (const field of [
			'dependencies',
			'optionalDependencies',
			'bundledDependencies',
			'bundleDependencies',
			'overrides',
			'resolutions',
			'bin',
		]) {
			expect(manifest).not.toHaveProperty(field);
		}
	});

	it('has no script that npm runs by itself on install, pack or publish', () => {
		const lifecycle =
			/^(pre|post)?(install|uninstall|pack|publish|prepare|version|shrinkwrap)$|^(pre|post)|^(prepublishOnly|dependencies)$/;
		expect(Object.keys(manifest.scripts).filter((name) => lifecycle.test(name))).toEqual([]);
		expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
	});

	it('publishes the build alone and names the Node version it needs', () => {
		expect(manifest.files).toEqual(['dist']);
		expect(manifest.main).toBe('index.js');
		expect(manifest.engines).toEqual({ node: '>=20.19' });
	});

	it('is the manifest that the lock file was made for', () => {
		const lock = JSON.parse(read('package-lock.json')) as {
			packages: Record<string, Record<string, unknown>>;
		};
		expect(lock.packages['']).toMatchObject({
			name: manifest.name,
			version: manifest.version,
			devDependencies: manifest.devDependencies,
			peerDependencies: manifest.peerDependencies,
		});
	});

	it('names the node and the credential of the public contract', () => {
		expect(manifest.n8n.nodes).toEqual(['dist/nodes/Aiuta/Aiuta.node.js']);
		expect(manifest.n8n.credentials).toEqual(['dist/credentials/AiutaApi.credentials.js']);
	});
});

describe('the build (npm run build comes first)', () => {
	it('holds the two scripts that n8n loads, every icon, codex file and preview, and nothing else', () => {
		expect(existsSync(DIST) ? walk(DIST).map((path) => `dist/${path}`) : []).toEqual(
			expectedBuild().sort(),
		);
	});

	it('exports the classes that n8n looks for by file name', async () => {
		const node: unknown = await import(join(DIST, 'nodes/Aiuta/Aiuta.node.js'));
		const credential: unknown = await import(join(DIST, 'credentials/AiutaApi.credentials.js'));
		expect(node).toHaveProperty('Aiuta', expect.any(Function));
		expect(credential).toHaveProperty('AiutaApi', expect.any(Function));
	});

	it('keeps icons byte for byte', () => {
		const icons = projectFiles.filter((path) => /^(nodes|credentials)\/.*\.(svg|png)$/.test(path));
		expect(icons).not.toEqual([]);
		for (const icon of icons) {
			expect(readFileSync(join(DIST, icon)).equals(readFileSync(join(ROOT_DIR, icon)))).toBe(true);
		}
	});

	it('requires only n8n-workflow and crypto', () => {
		const scripts = walk(DIST).filter((path) => path.endsWith('.js'));
		expect(scripts).not.toEqual([]);
		const strangers = scripts.flatMap((script) =>
			importsOf(readFileSync(join(DIST, script), 'utf8'))
				.filter((specifier) => !['n8n-workflow', 'crypto'].includes(specifier))
				.map((specifier) => `${script}: ${specifier}`),
		);
		expect(strangers).toEqual([]);
	});

	it('is all that the tarball holds beside manifest, licence, readme and the empty entry', () => {
		expect(
			listPackage(ROOT_DIR)
				.files.map(({ path }) => path)
				.sort(),
		).toEqual(['LICENSE', 'README.md', 'index.js', 'package.json', ...expectedBuild()].sort());
	});
});

describe('the tree', () => {
	it('holds at the top only the folders and files of the public contract', () => {
		const folders = ['nodes', 'credentials', 'test', 'examples', 'docs'];
		const files = [
			'gulpfile.js',
			'package.json',
			'package-lock.json',
			'tsconfig.json',
			'index.js',
			'eslint.config.mjs',
			'LICENSE',
		];
		const strangers = projectFiles.filter((path) => {
			const [top = '', ...rest] = path.split('/');
			if (top.startsWith('.')) return false;
			return rest.length > 0 ? !folders.includes(top) : !files.includes(top) && !/\.md$/.test(top);
		});
		expect(strangers).toEqual([]);
	});

	it('names no path of a machine and no host of a package registry', () => {
		const found = projectFiles.flatMap((path) => findForbiddenText(path, read(path)));
		expect(found).toEqual([]);
	});

	it('has no source file over 250 lines', () => {
		const long = projectFiles
			.filter((path) => /^(nodes|credentials)\/.*\.ts$/.test(path))
			.map((path) => ({ path, lines: read(path).trimEnd().split('\n').length }))
			.filter(({ lines }) => lines > 250);
		expect(long).toEqual([]);
	});
});

describe('the search for forbidden text', () => {
	const absolute = (...names: string[]) => ['', ...names].join('/');
	const host = (...labels: string[]) => labels.join('.');

	it.each([
		`cd ${absolute('work', 'main')}`,
		`"path": "${absolute('root', '.cache')}"`,
		`file://${absolute('tmp', 'x.json')}`,
		absolute('home', 'someone', 'project'),
		absolute('Users', 'someone'),
		`https://${host('registry', 'npmjs', 'org')}/ajv`,
		host('registry', 'yarnpkg', 'com'),
		host('deb', 'debian', 'org'),
	])('finds %s', (text) => {
		expect(findForbiddenText('a.md', `first line\n${text}\n`)).toEqual([
			expect.stringMatching(/^a\.md:2: /),
		]);
	});

	it.each([
		'https://example.com/tmp/x',
		'../home/a and ./tmp/x and nodes/Users/y',
		'a volume at /home/node/.n8n',
		'`${dir}/tmp/file`',
		'the npm registry',
		`\0${absolute('work', 'main')}`,
	])('leaves %j alone', (text) => {
		expect(findForbiddenText('a.md', text)).toEqual([]);
	});
});
