import { readFileSync } from 'fs';
import { join } from 'path';
import { findViolations, importsOf } from '../tools/importDirections';
import { listProjectFiles, ROOT_DIR } from '../tools/projectFiles';

const sources = listProjectFiles(ROOT_DIR)
	.filter((path) => /^(nodes|credentials)\/.*\.ts$/.test(path))
	.map((path) => ({ path, text: readFileSync(join(ROOT_DIR, path), 'utf8') }));

const imports = (specifier: string) => `import { x } from '${specifier}';\nexport const y = x;\n`;

describe('the import directions of the tree', () => {
	it('covers the node, the credential and every layer', () => {
		const paths = sources.map(({ path }) => path);
		for (const start of [
			'credentials/AiutaApi.credentials.ts',
			'nodes/Aiuta/Aiuta.node.ts',
			...['core', 'api', 'batch', 'transport', 'output', 'actions'].map((l) => `nodes/Aiuta/${l}/`),
		]) {
			expect(paths.filter((path) => path.startsWith(start))).not.toEqual([]);
		}
	});

	it('follows the dependency picture in every file', () => {
		expect(findViolations(sources)).toEqual([]);
	});

	it('names only files that exist', () => {
		const known = new Set(sources.map(({ path }) => path));
		const missing = sources.flatMap(({ path, text }) =>
			importsOf(text)
				.filter((specifier) => specifier.startsWith('.'))
				.map((specifier) => join(path, '..', specifier))
				.filter((target) => !known.has(`${target}.ts`) && !known.has(join(target, 'index.ts')))
				.map((target) => `${path}: ${target}`),
		);
		expect(missing).toEqual([]);
	});
});

describe('the check of import directions', () => {
	it.each([
		['core may not import api', 'core/retry.ts', '../api/types'],
		['core may not import a built-in module', 'core/retry.ts', 'crypto'],
		['api may not import batch', 'api/client.ts', '../batch/journal'],
		['api may not import n8n', 'api/client.ts', 'n8n-workflow'],
		['batch may not import transport', 'batch/product.ts', '../transport/send'],
		['batch may not import output', 'batch/product.ts', '../output/errors'],
		['batch may not import n8n', 'batch/product.ts', 'n8n-workflow'],
		['transport may not import output', 'transport/send.ts', '../output/errors'],
		['output may not import transport', 'output/items.ts', '../transport/send'],
		['output may not import actions', 'output/items.ts', '../actions/router'],
		['actions may not import the node', 'actions/router.ts', '../Aiuta.node'],
		['deep actions may not import the node', 'actions/image/get.operation.ts', '../../Aiuta.node'],
		[
			'the node may not import the credential',
			'Aiuta.node.ts',
			'../../credentials/AiutaApi.credentials',
		],
		['nobody may import another package', 'actions/router.ts', 'lodash'],
		['nobody may leave the tree', 'api/client.ts', '../../../test/support/time/fakeClock'],
	])('reports a planted violation: %s', (_rule, file, specifier) => {
		const path = `nodes/Aiuta/${file}`;
		expect(findViolations([{ path, text: imports(specifier) }])).toEqual([
			expect.stringMatching(new RegExp(`^${path} .* imports ${specifier}$`)),
		]);
	});

	it.each(['../nodes/Aiuta/batch/journal', '../nodes/Aiuta/transport/send', 'crypto'])(
		'reports a credential that imports %s',
		(specifier) => {
			const path = 'credentials/AiutaApi.credentials.ts';
			expect(findViolations([{ path, text: imports(specifier) }])).toHaveLength(1);
		},
	);

	it.each([
		['import type', "import type { INode } from 'n8n-workflow';"],
		['an inline type import', "import { type INode } from 'n8n-workflow';"],
		['an import for its effect', "import 'n8n-workflow';"],
		['export from', "export { sleep } from 'n8n-workflow';"],
		['export type from', "export type { INode } from 'n8n-workflow';"],
		['export all', "export * from 'n8n-workflow';"],
		['import over several lines', "import {\n\tsleep,\n} from 'n8n-workflow';"],
		['require', "const n8n = require('n8n-workflow');"],
		['import()', "void import('n8n-workflow');"],
		['import = require', "import n8n = require('n8n-workflow');"],
		['an import in a type', "export type Node = import('n8n-workflow').INode;"],
	])('sees %s', (_form, text) => {
		expect(findViolations([{ path: 'nodes/Aiuta/core/clock.ts', text }])).toHaveLength(1);
	});

	it('accepts the directions of the picture', () => {
		const allowed: Array<[string, string[]]> = [
			['nodes/Aiuta/core/retry.ts', ['./backoff']],
			['nodes/Aiuta/api/client.ts', ['./types', '../core/retry']],
			['nodes/Aiuta/batch/product.ts', ['../api/client', '../core/clock', './journal']],
			['nodes/Aiuta/transport/send.ts', ['n8n-workflow', '../api/client', '../batch/product']],
			['nodes/Aiuta/output/items.ts', ['n8n-workflow', '../api/types', '../batch/product']],
			[
				'nodes/Aiuta/actions/image/get.operation.ts',
				['n8n-workflow', '../fields', '../../transport/send', '../../output/items'],
			],
			['nodes/Aiuta/Aiuta.node.ts', ['n8n-workflow', './actions/router']],
			['credentials/AiutaApi.credentials.ts', ['n8n-workflow', '../nodes/Aiuta/api/generations']],
		];
		const files = allowed.map(([path, specifiers]) => ({
			path,
			text: specifiers.map(imports).join(''),
		}));
		expect(findViolations(files)).toEqual([]);
	});

	it('reports a file that belongs to no layer', () => {
		expect(findViolations([{ path: 'nodes/Aiuta/utils/misc.ts', text: '' }])).toEqual([
			'nodes/Aiuta/utils/misc.ts belongs to no layer of the dependency picture',
		]);
	});

	it('is not misled by a comment or a text that looks like an import', () => {
		const text = "// import { x } from 'n8n-workflow';\nexport const hint = `import 'lodash'`;\n";
		expect(findViolations([{ path: 'nodes/Aiuta/core/clock.ts', text }])).toEqual([]);
	});
});
