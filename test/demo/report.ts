/** What the demo leaves behind: the pictures as files, and a table of what became of each product. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import Table from 'cli-table3';
import type { IBinaryData, INodeExecutionData } from 'n8n-workflow';

export interface Row {
	/** The input item, from 0. */
	itemIndex: number;
	productId: string;
	operationId: string;
	status: string;
	seconds: string;
	files: string[];
	/** Why the product failed and what to do, undefined when it did not. */
	problem?: string;
}

function text(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function itemIndexOf({ pairedItem }: INodeExecutionData): number {
	return typeof pairedItem === 'object' && 'item' in pairedItem ? pairedItem.item : 0;
}

/** Write an item's pictures into the folder; returns their names. */
async function writePictures(
	item: INodeExecutionData,
	folder: string,
	read: (binary: IBinaryData) => Promise<Buffer>,
): Promise<string[]> {
	const names: string[] = [];
	for (const picture of Object.values(item.binary ?? {})) {
		const name = picture.fileName ?? 'picture';
		await writeFile(join(folder, name), await read(picture));
		names.push(name);
	}
	return names;
}

/** Write the pictures of all finished products and describe each of them. */
export async function finishedRows(
	items: INodeExecutionData[],
	folder: string,
	read: (binary: IBinaryData) => Promise<Buffer>,
): Promise<Row[]> {
	await mkdir(folder, { recursive: true });
	const rows: Row[] = [];
	for (const item of items) {
		const files = await writePictures(item, folder, read);
		const { product_id, operation_id, status, duration_seconds } = item.json;
		rows.push({
			itemIndex: itemIndexOf(item),
			productId: text(product_id),
			operationId: text(operation_id),
			status: text(status),
			seconds: text(duration_seconds),
			files,
			...(files.length === 0 ? { problem: 'Aiuta returned no picture.' } : {}),
		});
	}
	return rows;
}

/** Describe the products that came out of the error output. */
export function failedRows(items: INodeExecutionData[]): Row[] {
	return items.map((item) => {
		const failure = item.json['error'];
		const error: Record<string, unknown> =
			typeof failure === 'object' && failure !== null ? { ...failure } : {};
		return {
			itemIndex: itemIndexOf(item),
			productId: text(error['product_id']),
			operationId: text(error['operation_id']),
			status: text(error['code']),
			seconds: '',
			files: [],
			problem: `${text(error['message'])}\n${text(error['description'])}`,
		};
	});
}

/** Draw the table, and below it what the failed products are about. */
export function describeRows(rows: Row[]): string {
	const isColored = process.stdout.isTTY;
	const table = new Table({
		head: ['Product', 'Operation ID', 'Status', 'Seconds', 'File'],
		style: isColored ? { head: ['bold'], compact: true } : { head: [], border: [], compact: true },
	});
	for (const { productId, operationId, status, seconds, files } of rows) {
		table.push([productId, operationId, status, seconds, files.join('\n')]);
	}
	const problems = rows.flatMap(({ productId, problem }) =>
		problem === undefined ? [] : [`${productId}: ${problem.replaceAll('\n', '\n    ')}`],
	);
	return [table.toString(), ...problems].join('\n');
}
