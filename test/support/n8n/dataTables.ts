/**
 * n8n's data tables in the memory of this process, reached as a node reaches them: by an inline workflow of a
 * trigger and Data Table nodes, which are carried out by their parameters. Knows what the package's own workflows
 * ask for, and refuses anything else.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import type {
	GenericValue,
	IDataObject,
	INode,
	INodeExecutionData,
	IWorkflowBase,
	IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import { at, listAt, textAt } from './n8nValues';

const TRIGGER_TYPE = 'n8n-nodes-base.executeWorkflowTrigger';
const TABLE_TYPE = 'n8n-nodes-base.dataTable';
/** What n8n's Data Table node takes where no limit is set. */
const DEFAULT_LIMIT = 50;
const OWN_COLUMNS = ['id', 'createdAt', 'updatedAt'];

export type TableRow = IDataObject & { id: number };

interface StoredTable {
	id: string;
	name: string;
	columns: string[];
	rows: Map<number, TableRow>;
}

type Step = (items: readonly INodeExecutionData[]) => IDataObject[];

function refuse(what: string): never {
	throw new Error(`the data tables of the tests do not know ${what}`);
}

/** The nodes behind the trigger, in their order. */
function stepsOf({ nodes, connections }: IWorkflowBase): INode[] {
	const trigger = nodes.find(({ type }) => type === TRIGGER_TYPE) ?? refuse('it without a trigger');
	const steps: INode[] = [];
	for (let last = trigger; ;) {
		const next = connections[last.name]?.['main']?.[0]?.[0]?.node;
		if (next === undefined) return steps;
		const node = nodes.find(({ name }) => name === next) ?? refuse(`the node ${next}`);
		if (node.type !== TABLE_TYPE || steps.includes(node)) return refuse(`${node.type} there`);
		steps.push(node);
		last = node;
	}
}

function literal(value: unknown): GenericValue {
	if (typeof value === 'string' && value.startsWith('=')) return refuse(`expressions: ${value}`);
	return typeof value === 'string' || typeof value === 'number' ? value : refuse('such a value');
}

export class DataTables {
	private readonly tables: StoredTable[] = [];

	private lastRowId = 0;

	/** Calls of n8n so far, each a workflow of its own. */
	calls = 0;

	/** @param takesMs how long n8n takes for each call; the rows change at its end */
	constructor(private readonly takesMs = 0) {}

	/** The rows of a table in their order; none where there is no such table. */
	rows(name: string): TableRow[] {
		return [...(this.tables.find((table) => table.name === name)?.rows.values() ?? [])];
	}

	/** For the `additionalData` of an execution. */
	readonly executeWorkflow: IWorkflowExecuteAdditionalData['executeWorkflow'] = async (
		{ code },
		_additionalData,
		{ inputData = [], doNotWaitToFinish = false },
	) => {
		this.calls += 1;
		const steps = stepsOf(code ?? refuse('workflows that are not inline'));
		const work = async () => {
			await sleep(this.takesMs);
			let items = inputData;
			for (const { parameters } of steps) {
				items = this.step(parameters)(items).map((json) => ({ json }));
			}
			return items;
		};
		const working = work();
		const executionId = `table-${this.calls}`;
		if (!doNotWaitToFinish) return { executionId, data: [await working] };
		working.catch(() => undefined);
		return { executionId, data: [] };
	};

	private step(parameters: unknown): Step {
		const what = `${textAt(parameters, 'resource')} ${textAt(parameters, 'operation')}`;
		switch (what) {
			case 'table list':
				return () => this.tables.map(({ id, name }) => ({ id, name }));
			case 'table create':
				return () => [this.create(parameters)];
			case 'row insert':
				return (items) => this.insert(this.tableOf(parameters), parameters, items);
			case 'row get':
				return (items) => items.flatMap(() => this.get(this.tableOf(parameters), parameters));
			case 'row deleteRows':
				return (items) => items.flatMap(() => this.remove(this.tableOf(parameters), parameters));
			default:
				return refuse(what);
		}
	}

	private tableOf(parameters: unknown): StoredTable {
		const id = textAt(parameters, 'dataTableId', 'value');
		const table = this.tables.find((candidate) => candidate.id === id);
		if (table === undefined) throw new Error(`Could not find the data table: '${id}'`);
		return table;
	}

	private create(parameters: unknown): IDataObject {
		const name = textAt(parameters, 'tableName');
		if (this.tables.some((table) => table.name === name)) {
			throw new Error(`Data table with name '${name}' already exists in this project`);
		}
		const columns = listAt(parameters, 'columns', 'column').map((one) => textAt(one, 'name'));
		const id = `table${this.tables.length + 1}`;
		this.tables.push({ id, name, columns, rows: new Map() });
		return { id, name };
	}

	private insert(
		{ columns, rows }: StoredTable,
		parameters: unknown,
		items: readonly INodeExecutionData[],
	): IDataObject[] {
		const unknown = items
			.flatMap(({ json }) => Object.keys(json))
			.find((name) => !columns.includes(name));
		if (unknown !== undefined) throw new Error(`unknown column name '${unknown}'`);
		const now = new Date().toISOString();
		const inserted = items.map(({ json }): TableRow => {
			this.lastRowId += 1;
			return { id: this.lastRowId, createdAt: now, updatedAt: now, ...json };
		});
		for (const row of inserted) rows.set(row.id, row);
		const isBulk = at(parameters, 'options', 'optimizeBulk') === true;
		return isBulk ? [{ success: true, insertedRows: inserted.length }] : inserted;
	}

	private get(table: StoredTable, parameters: unknown): IDataObject[] {
		const found = this.matching(table, parameters);
		if (at(parameters, 'returnAll') === true) return found;
		return found.slice(0, Number(at(parameters, 'limit') ?? DEFAULT_LIMIT));
	}

	private remove(table: StoredTable, parameters: unknown): IDataObject[] {
		const found = this.matching(table, parameters);
		for (const { id } of found) table.rows.delete(id);
		return found;
	}

	private matching({ columns, rows }: StoredTable, parameters: unknown): TableRow[] {
		if (textAt(parameters, 'matchType') !== 'anyCondition')
			return refuse('conditions joined by and');
		const tests = listAt(parameters, 'filters', 'conditions').map((condition) => {
			const name = textAt(condition, 'keyName');
			if (![...OWN_COLUMNS, ...columns].includes(name)) {
				throw new Error(`unknown column name '${name}'`);
			}
			return {
				name,
				kind: textAt(condition, 'condition'),
				value: literal(at(condition, 'keyValue')),
			};
		});
		const wanted = new Map<string, Set<unknown>>();
		let afterId = Number.POSITIVE_INFINITY;
		for (const { name, kind, value } of tests) {
			if (kind === 'eq') wanted.set(name, (wanted.get(name) ?? new Set()).add(value));
			else if (kind === 'gt' && name === 'id') afterId = Math.min(afterId, Number(value));
			else refuse(`the condition ${name} ${kind}`);
		}
		return [...rows.values()].filter(
			(row) => row.id > afterId || [...wanted].some(([name, values]) => values.has(row[name])),
		);
	}
}
