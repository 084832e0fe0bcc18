/** A bucket of an S3-compatible storage: photos under one prefix, pictures under another. */
import { startS3Server, type S3Server } from '../../../support/n8n/s3Server';
import { enter, useCredential } from '../files';
import type { TripProduct } from './products';
import type { RoundTrip } from './trip';

const VIEWS = ['front', 'back'];
/** Longer ago than an upload must be. */
const UPLOADED_AGO_MS = 3_600_000;

/** What is no photo although it is named like one. */
const NO_PHOTOS = ['<html>a page</html>', 'text', '%PDF-1.7 a document'];

/** More than a server lists in one page. */
const PICTURED = 1005;

const longAgo = () => new Date(Date.now() - UPLOADED_AGO_MS);

function upload(server: S3Server, { sku, photos }: TripProduct, noPhoto?: string): void {
	for (const [view, photo] of photos.entries()) {
		server.put(`photos/${sku}_${VIEWS[view] ?? view}.jpg`, noPhoto ?? photo, longAgo());
	}
}

/** Products that have their picture; whoever touches them finds no photo in them. */
function addPictured(server: S3Server): void {
	for (let number = 0; number < PICTURED; number += 1) {
		server.put(`photos/old${number}_front.jpg`, 'no photo', longAgo());
		server.put(`pictures/old${number}.png`, 'no picture', longAgo());
	}
}

/** A product whose second photo may still come. */
function addLate(server: S3Server, photo: Buffer): void {
	server.put('photos/late_front.jpg', photo, longAgo());
	server.put('photos/late_back.jpg', photo, new Date());
}

/** Read the cells of the newest report, the SKU of each row with its reason. */
function newestReport(server: S3Server): Map<string, string> {
	const newest = [...server.read('reports/')].sort(([a], [b]) => (a < b ? -1 : 1)).at(-1);
	const rows = newest?.[1].toString().matchAll(/<td>(.*?)<td>.*?<td>(.*)/g) ?? [];
	return new Map([...rows].map(([, sku = '', reason = '']) => [sku, reason]));
}

export const s3Trip: RoundTrip = {
	file: '10-s3-bucket.json',
	trigger: 'Every hour',
	badOperations: 0,
	open: async (context, flow, products) => {
		const server = await startS3Server();
		const noPhotos = [...NO_PHOTOS];
		for (const product of products) {
			upload(server, product, product.isBad ? noPhotos.pop() : undefined);
		}
		addPictured(server);
		const [photo] = products[0]?.photos ?? [];
		if (photo !== undefined) addLate(server, photo);
		enter(flow, { bucket: server.bucket });
		await useCredential(context, flow, 'n8n-nodes-base.s3', {
			type: 's3',
			data: server.credential,
		});
		return {
			pictures: async () =>
				await Promise.resolve(
					new Map(
						[...server.read('pictures/')]
							.map(([key, picture]): [string, Buffer] => [
								key.slice('pictures/'.length, -'.png'.length),
								picture,
							])
							.filter(([sku]) => !sku.startsWith('old')),
					),
				),
			failures: async () => await Promise.resolve(newestReport(server)),
			lose: async ({ sku }) => {
				server.remove(`pictures/${sku}.png`);
				await Promise.resolve();
			},
			close: server.stop,
		};
	},
};
