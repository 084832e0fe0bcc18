/**
 * A yardstick, not shipped: the loop that published nodes of this kind use. One item after the other is
 * uploaded, created, polled every 5 s until it is finished, and downloaded.
 */
import type {
	IDataObject,
	IExecuteFunctions,
	IHttpRequestOptions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';

const POLL_INTERVAL_MS = 5000;
const FINAL = ['SUCCESS', 'FAILED', 'CANCELLED', 'ABORTED'];

interface OperationAnswer {
	status: string;
	generated_images: Array<{ url: string }>;
}

export class SerialFlatLay implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Serial Flat Lay',
		name: 'serialFlatLay',
		group: ['transform'],
		version: 1,
		description: 'Makes one flat lay after the other',
		defaults: { name: 'Serial Flat Lay' },
		inputs: ['main'],
		outputs: ['main'],
		credentials: [{ name: 'httpHeaderAuth', required: true }],
		properties: [{ displayName: 'API URL', name: 'apiUrl', type: 'string', default: '' }],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const { helpers } = this;
		const apiUrl = this.getNodeParameter('apiUrl', 0) as string;
		const send = async (options: Partial<IHttpRequestOptions> & { url: string }) =>
			(await helpers.httpRequestWithAuthentication.call(this, 'httpHeaderAuth', {
				...options,
				url: `${apiUrl}/${options.url}`,
			})) as unknown;
		const done: INodeExecutionData[] = [];
		for (const [index, { json }] of this.getInputData().entries()) {
			const { mimeType, fileName } = helpers.assertBinaryData(index, 'data');
			const bytes = await helpers.getBinaryDataBuffer(index, 'data');
			const form = new FormData();
			form.append('image_data', new Blob([bytes], { type: mimeType }), fileName ?? 'photo.jpg');
			const image = (await send({ method: 'POST', url: 'uploaded_images', body: form })) as {
				id: string;
			};
			const body = { uploaded_product_image_ids: [image.id], product_title: json['product_id'] };
			const create = { method: 'POST', url: 'flat_lay_operations', body, json: true } as const;
			const { operation_id } = (await send(create)) as { operation_id: string };
			let operation: OperationAnswer;
			do {
				await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
				const url = `flat_lay_operations/${operation_id}`;
				operation = (await send({ url, json: true })) as OperationAnswer;
			} while (!FINAL.includes(operation.status));
			const pictureUrl = operation.generated_images[0]?.url ?? '';
			const picture = (await helpers.httpRequest({
				url: pictureUrl,
				encoding: 'arraybuffer',
			})) as Buffer;
			const result: IDataObject = { product_id: json['product_id'], operation_id };
			const binary = { data: await helpers.prepareBinaryData(picture, 'picture.png') };
			done.push({ json: result, binary, pairedItem: index });
		}
		return [done];
	}
}
