import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { INodeParameters, INodeProperties } from 'n8n-workflow';

import { exampleFiles, FIRST_ROUND_TRIP, numberOf } from '../e2e/examples/files';
import {
	addableOptions,
	choices,
	collectionFields,
	nodeDescription,
	shownProperties,
} from '../support/n8n/description';
import { at, listAt, textAt } from '../support/n8n/n8nValues';

const EXAMPLES_DIR = join(__dirname, '../../examples');
const NODE_TYPE = 'n8n-nodes-aiuta.aiuta';
const TOOL_TYPE = 'n8n-nodes-aiuta.aiutaTool';
const NOTE_TYPE = 'n8n-nodes-base.stickyNote';
/** What n8n itself adds to a node when it makes a tool of it (read: n8n's convertNodeToAiTool). */
const TOOL_PARAMETERS = ['descriptionType', 'toolDescription'];

/** n8n's own node types, with versions that n8n 2.0.3 has (read off its type list). */
const BUILT_IN: Readonly<Record<string, readonly number[]>> = {
	[NOTE_TYPE]: [1],
	'n8n-nodes-base.code': [2],
	'n8n-nodes-base.convertToFile': [1, 1.1],
	'n8n-nodes-base.dataTable': [1],
	'n8n-nodes-base.extractFromFile': [1, 1.1],
	'n8n-nodes-base.filter': [2, 2.1, 2.2, 2.3],
	'n8n-nodes-base.form': [1, 2.3],
	'n8n-nodes-base.formTrigger': [2, 2.1, 2.2, 2.3],
	'n8n-nodes-base.ftp': [1],
	'n8n-nodes-base.httpRequest': [4, 4.1, 4.2, 4.3],
	'n8n-nodes-base.if': [2, 2.1, 2.2, 2.3],
	'n8n-nodes-base.limit': [1],
	'n8n-nodes-base.manualTrigger': [1],
	'n8n-nodes-base.merge': [3, 3.1, 3.2],
	'n8n-nodes-base.noOp': [1],
	'n8n-nodes-base.postgres': [2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6],
	'n8n-nodes-base.readWriteFile': [1],
	'n8n-nodes-base.s3': [1],
	'n8n-nodes-base.scheduleTrigger': [1, 1.1, 1.2, 1.3],
	'n8n-nodes-base.set': [3.3, 3.4],
	'n8n-nodes-base.sort': [1],
	'n8n-nodes-base.splitInBatches': [3],
	'n8n-nodes-base.webhook': [2, 2.1],
	'n8n-nodes-base.wooCommerce': [1],
	'@n8n/n8n-nodes-langchain.agent': [2, 2.1, 2.2],
	'@n8n/n8n-nodes-langchain.chatTrigger': [1, 1.1, 1.2, 1.3, 1.4],
	'@n8n/n8n-nodes-langchain.lmChatOpenAi': [1, 1.1, 1.2],
};

const FILES = exampleFiles();
/** All but the form and the agent. */
const CATALOGUES = FILES.filter((file) => ![1, 6].includes(numberOf(file)));
/** It hands out what another example makes. */
const DISPATCHER = '11a-fleet-dispatch.json';
/** Round trips also read from somebody's shop and write back to it. */
const MAX_NODES = { catalogue: 8, roundTrip: 9 };

function read(file: string): unknown {
	return JSON.parse(readFileSync(join(EXAMPLES_DIR, file), 'utf8'));
}

function nodesOf(workflow: unknown, type?: string): unknown[] {
	return listAt(workflow, 'nodes').filter(
		(node) => type === undefined || at(node, 'type') === type,
	);
}

function aiutaNodes(workflow: unknown): unknown[] {
	return [...nodesOf(workflow, NODE_TYPE), ...nodesOf(workflow, TOOL_TYPE)];
}

function entries(value: unknown): Array<[string, unknown]> {
	return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** Where the outputs of a node lead to: one list of node names per output. */
function targets(workflow: unknown, node: string, kind = 'main'): string[][] {
	return listAt(workflow, 'connections', node, kind).map((output) =>
		listAt(output).map((target) => textAt(target, 'node')),
	);
}

/** The parameters of an Aiuta node as n8n's helpers take them. */
function parametersOf(node: unknown): INodeParameters {
	const own = entries(at(node, 'parameters')).filter(
		([name]) => at(node, 'type') !== TOOL_TYPE || !TOOL_PARAMETERS.includes(name),
	);
	return Object.fromEntries(own) as INodeParameters;
}

/** Say what is wrong with a value; nothing for an expression, which only n8n can resolve. */
function valueProblem(property: INodeProperties, value: unknown): string | undefined {
	if (typeof value === 'string' && value.startsWith('=')) {
		return property.noDataExpression === true ? 'takes no expression' : undefined;
	}
	const allowed = choices(property).map((choice) => choice.value);
	if (property.type === 'options') {
		return allowed.includes(value as string) ? undefined : `has no option ${String(value)}`;
	}
	if (property.type === 'multiOptions') {
		const wrong = listAt(value).filter((one) => !allowed.includes(one as string));
		return Array.isArray(value) && wrong.length === 0 ? undefined : `has no ${wrong.join(', ')}`;
	}
	const kind = property.type === 'collection' ? 'object' : property.type;
	return typeof value === kind ? undefined : `is no ${kind}`;
}

/** Name everything in the parameters of an Aiuta node that its description does not have. */
function parameterProblems(node: unknown): string[] {
	const parameters = parametersOf(node);
	const shown = shownProperties(parameters);
	return Object.entries(parameters).flatMap(([name, value]) => {
		const property = shown.find((candidate) => candidate.name === name);
		if (property === undefined) return [`${name} does not show`];
		const problem = valueProblem(property, value);
		if (problem !== undefined) return [`${name} ${problem}`];
		if (property.type !== 'collection') return [];
		const addable = addableOptions(parameters, name);
		const fields = collectionFields(property);
		return entries(value).flatMap(([option, chosen]) => {
			const field = fields.find((candidate) => candidate.name === option);
			if (field === undefined || !addable.includes(option)) return [`${name}.${option}: none`];
			const wrong = valueProblem(field, chosen);
			return wrong === undefined ? [] : [`${name}.${option} ${wrong}`];
		});
	});
}

describe('the check of parameters', () => {
	const node = (parameters: object) => ({ type: NODE_TYPE, parameters });

	it.each<[string, object]>([
		['a parameter there is not', { operation: 'wait', operationIds: 'x' }],
		['a parameter of another operation', { operation: 'get', productId: 'x' }],
		['an option at its former place', { maxWaitMinutes: 5 }],
		['a parameter of another API', { api: 'flatLays', imageTypes: ['flat_front'] }],
		['a value there is not', { operation: 'generate' }],
		['a number as text', { options: { maxWaitMinutes: '60' } }],
		['an option there is not', { batching: { perSecond: 1 } }],
		['an option of another API', { api: 'flatLays', options: { qaMode: 'human' } }],
		['a value there is not in an option', { api: 'unified', options: { qaMode: 'robot' } }],
		['a choice there is not', { api: 'unified', imageTypes: ['flat_side'] }],
	])('finds %s', (_, parameters) => {
		expect(parameterProblems(node(parameters))).toHaveLength(1);
	});
});

describe('the table of the examples', () => {
	it('names every file once, in the order of their numbers, and no other', () => {
		const readme = readFileSync(join(EXAMPLES_DIR, 'README.md'), 'utf8');
		const table = readme.split('\n').filter((line) => line.startsWith('|'));
		const named = [...table.join('\n').matchAll(/\]\(([\w-]+\.json)\)/g)].map(([, file]) => file);
		expect(named).toEqual(FILES);
	});

	it.each(FILES)('is followed by a picture of the canvas of %s', (file) => {
		const readme = readFileSync(join(EXAMPLES_DIR, 'README.md'), 'utf8');
		const picture = `../docs/images/example-${file.replace('.json', '.png')}`;
		expect(readme).toContain(`](${picture})`);
		expect(existsSync(join(EXAMPLES_DIR, picture))).toBe(true);
	});
});

describe.each(FILES)('the example %s', (file) => {
	const workflow = read(file);
	const names = nodesOf(workflow).map((node) => textAt(node, 'name'));

	it('is a workflow in n8n v1 order, inactive, without pinned data', () => {
		expect(textAt(workflow, 'name')).toMatch(new RegExp(`^Aiuta ${file.split('-')[0]}: \\w`));
		expect(at(workflow, 'settings', 'executionOrder')).toBe('v1');
		expect(at(workflow, 'active')).not.toBe(true);
		expect(entries(at(workflow, 'pinData'))).toEqual([]);
		expect(new Set(names).size).toBe(names.length);
		const ids = nodesOf(workflow).map((node) => textAt(node, 'id'));
		expect(new Set(ids).size).toBe(ids.length);
	});

	it('explains itself in notes that lie on no node and on no other note', () => {
		const notes = nodesOf(workflow, NOTE_TYPE);
		expect(notes.length).toBeGreaterThanOrEqual(1);
		const spot = (node: unknown) => {
			const [x, y] = listAt(node, 'position').map(Number);
			const width = Number(at(node, 'parameters', 'width') ?? 100);
			const height = Number(at(node, 'parameters', 'height') ?? 100);
			return { x: x ?? NaN, y: y ?? NaN, width, height };
		};
		for (const note of notes) {
			expect(textAt(note, 'parameters', 'content').length).toBeGreaterThan(100);
			const a = spot(note);
			for (const other of nodesOf(workflow).filter((node) => node !== note)) {
				const b = spot(other);
				const isApart =
					a.x + a.width <= b.x ||
					b.x + b.width <= a.x ||
					a.y + a.height <= b.y ||
					b.y + b.height <= a.y;
				expect([textAt(note, 'name'), textAt(other, 'name'), isApart]).toContain(true);
			}
		}
		expect(JSON.stringify(notes)).toMatch(/credential/);
		expect(JSON.stringify(notes)).not.toMatch(/activate/i);
	});

	it('holds no credentials, no IDs of them and nothing of an instance', () => {
		for (const node of nodesOf(workflow)) expect(at(node, 'credentials')).toBeUndefined();
		expect(at(workflow, 'id')).toBeUndefined();
		expect(at(workflow, 'versionId')).toBeUndefined();
		expect(at(workflow, 'meta')).toBeUndefined();
	});

	it('uses this node and nodes that n8n 2.0.3 has', () => {
		for (const node of nodesOf(workflow)) {
			const type = textAt(node, 'type');
			const known = type === NODE_TYPE || type === TOOL_TYPE ? [1] : BUILT_IN[type];
			expect([type, known]).toEqual([type, expect.arrayContaining([at(node, 'typeVersion')])]);
		}
		expect(aiutaNodes(workflow).length > 0).toBe(file !== DISPATCHER);
	});

	it('connects nodes that exist, and leaves none but notes unconnected', () => {
		const connected = new Set<string>();
		for (const [from, kinds] of entries(at(workflow, 'connections'))) {
			for (const [kind] of entries(kinds)) {
				for (const to of targets(workflow, from, kind).flat()) {
					connected.add(from).add(to);
				}
			}
		}
		const notes = nodesOf(workflow, NOTE_TYPE).map((node) => textAt(node, 'name'));
		expect([...connected].sort()).toEqual(names.filter((name) => !notes.includes(name)).sort());
	});

	it('refers in expressions and code to nodes that exist', () => {
		const text = nodesOf(workflow)
			.filter((node) => at(node, 'type') !== NOTE_TYPE)
			.map((node) => JSON.stringify(at(node, 'parameters')))
			.join('\n');
		for (const [, name] of text.matchAll(/\$\('([^']+)'\)/g)) expect(names).toContain(name);
	});

	it('gives every Aiuta node parameters that show for its API and operation, with valid values', () => {
		for (const node of aiutaNodes(workflow)) {
			expect([textAt(node, 'name'), parameterProblems(node)]).toEqual([textAt(node, 'name'), []]);
			for (const selector of ['api', 'resource', 'operation']) {
				expect(Object.keys(parametersOf(node))).toContain(selector);
			}
			const required = shownProperties(parametersOf(node)).filter(
				({ required: isRequired, default: initial }) => isRequired === true && initial === '',
			);
			for (const { name } of required) expect(parametersOf(node)[name]).not.toBe(undefined);
		}
		expect(nodeDescription.version).toEqual([1]);
	});
});

it('the first example is the smallest: at most five nodes', () => {
	expect(FILES[0]).toBe('1-one-product-form.json');
	expect(nodesOf(read(FILES[0] ?? '')).length).toBeLessThanOrEqual(5);
});

describe.each(CATALOGUES)('the catalogue example %s', (file) => {
	const workflow = read(file);
	const nodes = nodesOf(workflow, NODE_TYPE);

	it('has few nodes besides its notes, and a ledger in every Aiuta node', () => {
		const notes = nodesOf(workflow, NOTE_TYPE);
		const limit = numberOf(file) < FIRST_ROUND_TRIP ? MAX_NODES.catalogue : MAX_NODES.roundTrip;
		expect(nodesOf(workflow).length - notes.length).toBeLessThanOrEqual(limit);
		for (const node of nodes) expect(at(node, 'parameters', 'ledger')).toBe('aiuta-ledger');
	});

	it('lets the user choose the data table from a list', () => {
		for (const node of nodesOf(workflow, 'n8n-nodes-base.dataTable')) {
			expect(at(node, 'parameters', 'dataTableId', 'mode')).toBe('list');
		}
	});

	it('uses the error output of every Aiuta node and writes its failures somewhere', () => {
		for (const node of nodes) {
			expect(at(node, 'onError')).toBe('continueErrorOutput');
			const [done = [], failed = []] = targets(workflow, textAt(node, 'name'));
			expect(done.length).toBeGreaterThan(0);
			expect(failed.length).toBeGreaterThan(0);
		}
	});

	it('guards every node that creates with Max Operations per Run', () => {
		const creating = nodes.filter((node) =>
			['generateAndWait', 'create'].includes(textAt(node, 'parameters', 'operation')),
		);
		for (const node of creating) {
			expect(at(node, 'parameters', 'batching', 'maxOperationsPerRun')).toBeTruthy();
			expect(at(node, 'parameters', 'batching', 'maxOperationsPerDay')).toBeTruthy();
			expect(at(node, 'parameters', 'productId')).toMatch(/^=\{\{ .+ \}\}$/);
		}
	});
});
