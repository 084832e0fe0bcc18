/** The input that is the same for all systems: a Code node that makes products with one photo each. */
import sharp from 'sharp';

import { ITEMS, plainNode, type FlowNode } from '../../support/n8n/n8nFlows';

const PHOTO_EDGE_PX = 48;
const START_OF_IMAGE_BYTES = 2;
/** JPEG comment segments (ITU-T T.81, B.2.4.5): marker and length, then up to so many bytes. */
const COMMENT_HEAD_BYTES = 4;
const MOST_COMMENT_BYTES = 65_533;
const NUMBER_BYTES = 4;
const NUMBER_AT_BYTE = START_OF_IMAGE_BYTES + COMMENT_HEAD_BYTES;

function comment(contentBytes: number): Buffer {
	const segment = Buffer.alloc(COMMENT_HEAD_BYTES + contentBytes);
	segment.writeUInt16BE(0xff_fe, 0);
	segment.writeUInt16BE(2 + contentBytes, 2);
	return segment;
}

/** Comments of so many bytes together, or a few more. */
function filling(bytes: number): Buffer[] {
	const wholeBytes = COMMENT_HEAD_BYTES + MOST_COMMENT_BYTES;
	const whole = Array.from({ length: Math.floor(bytes / wholeBytes) }, () =>
		comment(MOST_COMMENT_BYTES),
	);
	return [...whole, comment(Math.max(0, (bytes % wholeBytes) - COMMENT_HEAD_BYTES))];
}

/** Make a small JPEG of at least so many bytes, with room for a number behind its beginning. */
async function numberedPhoto(photoBytes: number): Promise<Buffer> {
	const background = { r: 180, g: 60, b: 90 };
	const photo = await sharp({
		create: { width: PHOTO_EDGE_PX, height: PHOTO_EDGE_PX, channels: 3, background },
	})
		.jpeg()
		.toBuffer();
	const number = comment(NUMBER_BYTES);
	return Buffer.concat([
		photo.subarray(0, START_OF_IMAGE_BYTES),
		number,
		...filling(photoBytes - photo.length - number.length),
		photo.subarray(START_OF_IMAGE_BYTES),
	]);
}

/**
 * Make the node. The photos differ in a number inside the file: the same bytes would be uploaded once.
 * Each item carries `product_id`; products of jobs of different names are different products.
 */
export async function photosNode(job: {
	name: string;
	products: number;
	photoBytes: number;
}): Promise<FlowNode> {
	const template = await numberedPhoto(job.photoBytes);
	const jsCode = [
		`const template = Buffer.from('${template.toString('base64')}', 'base64');`,
		`return Array.from({ length: ${job.products} }, (_, index) => {`,
		'	const photo = Buffer.from(template);',
		`	photo.writeUInt32BE(index, ${NUMBER_AT_BYTE});`,
		`	const product_id = '${job.name}-' + index;`,
		"	const file = { data: photo.toString('base64'), mimeType: 'image/jpeg', fileName: product_id + '.jpg' };",
		'	return { json: { product_id }, binary: { data: file } };',
		'});',
	].join('\n');
	return plainNode(ITEMS, 'n8n-nodes-base.code', 2, { jsCode });
}
