/** The input that is the same for all systems: a Code node that makes products with one photo each. */
import sharp from 'sharp';

import { ITEMS, plainNode, type FlowNode } from '../../support/n8n/n8nFlows';

const PHOTO_EDGE_PX = 48;
const START_OF_IMAGE_BYTES = 2;
/** A JPEG comment segment (ITU-T T.81, B.2.4.5) with room for a number. */
const COMMENT = Buffer.from([0xff, 0xfe, 0x00, 0x06, 0, 0, 0, 0]);
const NUMBER_AT_BYTE = START_OF_IMAGE_BYTES + 4;

/**
 * Make the node. The photos differ in a number inside the file: the same bytes would be uploaded once.
 * Each item carries `product_id`; products of different prefixes are different products.
 */
export async function photosNode(products: number, prefix: string): Promise<FlowNode> {
	const background = { r: 180, g: 60, b: 90 };
	const photo = await sharp({
		create: { width: PHOTO_EDGE_PX, height: PHOTO_EDGE_PX, channels: 3, background },
	})
		.jpeg()
		.toBuffer();
	const template = Buffer.concat([
		photo.subarray(0, START_OF_IMAGE_BYTES),
		COMMENT,
		photo.subarray(START_OF_IMAGE_BYTES),
	]);
	const jsCode = [
		`const template = Buffer.from('${template.toString('base64')}', 'base64');`,
		`return Array.from({ length: ${products} }, (_, index) => {`,
		'	const photo = Buffer.from(template);',
		`	photo.writeUInt32BE(index, ${NUMBER_AT_BYTE});`,
		`	const product_id = '${prefix}-' + index;`,
		"	const file = { data: photo.toString('base64'), mimeType: 'image/jpeg', fileName: product_id + '.jpg' };",
		'	return { json: { product_id }, binary: { data: file } };',
		'});',
	].join('\n');
	return plainNode(ITEMS, 'n8n-nodes-base.code', 2, { jsCode });
}
