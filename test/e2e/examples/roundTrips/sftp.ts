/** An SFTP drop folder: photos come in, pictures go out, photos that are done move away. */
import assert from 'node:assert/strict';
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { startSftpServer } from '../../../support/n8n/sftpServer';
import { useCredential } from '../files';
import { readCsv } from '../rows';
import type { TripProduct } from './products';
import type { RoundTrip } from './trip';

const VIEWS = ['front', 'back'];
/** Longer ago than a delivery must be. */
const DELIVERED_AGO_S = 3600;

/** What is no photo although it is named like one. */
const NO_PHOTOS = ['<html>a page</html>', '', '%PDF-1.7 a document'];

function deliver(folder: string, { sku, photos }: TripProduct, noPhoto?: string): void {
	for (const [view, photo] of photos.entries()) {
		const file = join(folder, `${sku}_${VIEWS[view] ?? view}.jpg`);
		writeFileSync(file, noPhoto ?? photo);
		const then = Date.now() / 1000 - DELIVERED_AGO_S;
		utimesSync(file, then, then);
	}
}

/** Paths of all files in a folder and those below it; none when it is not there. */
function filesIn(folder: string): string[] {
	if (!existsSync(folder)) return [];
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name));
}

const skuOf = (name: string) => name.split(/[_.]/)[0] ?? '';

export const sftpTrip: RoundTrip = {
	file: '8-sftp-drop-folder.json',
	trigger: 'Every hour',
	badOperations: 0,
	open: async (context, flow, products) => {
		const server = await startSftpServer();
		const photos = join(server.folder, 'photos');
		const pictures = join(server.folder, 'pictures');
		const reports = join(server.folder, 'reports');
		mkdirSync(photos);
		const noPhotos = [...NO_PHOTOS];
		for (const product of products) {
			deliver(photos, product, product.isBad ? noPhotos.pop() : undefined);
		}
		await useCredential(context, flow, 'n8n-nodes-base.ftp', {
			type: 'sftp',
			data: { ...server.credential, password: '', passphrase: '' },
		});
		return {
			pictures: async () => {
				const files = filesIn(pictures);
				const made = new Map(
					files.map((file) => [skuOf(file.slice(pictures.length + 1)), readFileSync(file)]),
				);
				// What has its picture, and nothing else, has moved.
				const left = new Set(readdirSync(photos).map(skuOf));
				const moved = new Set(
					filesIn(join(server.folder, 'done')).map((file) => skuOf(file.split('/').pop() ?? '')),
				);
				assert.deepEqual([...moved].sort(), [...made.keys()].sort());
				assert.deepEqual(
					[...left].filter((sku) => made.has(sku)),
					[],
				);
				return made;
			},
			failures: async () => {
				const newest = filesIn(reports).sort().pop();
				if (newest === undefined) return new Map();
				return new Map([...readCsv(newest)].map(([sku, row]) => [sku, row['reason'] ?? '']));
			},
			lose: async (product) => {
				rmSync(join(pictures, `${product.sku}.png`));
				deliver(photos, product);
			},
			close: server.stop,
		};
	},
};
