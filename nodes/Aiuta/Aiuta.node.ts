import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import * as flatLay from './actions/flatLay/FlatLay.resource';
import * as generatedImage from './actions/generatedImage/GeneratedImage.resource';
import * as image from './actions/image/Image.resource';
import {
	API_FLAT_LAYS,
	API_STUDIO,
	API_UNIFIED,
	RESOURCE_FLAT_LAY,
	RESOURCE_GENERATED_IMAGE,
	RESOURCE_IMAGE,
} from './inputs/selectors';
import { router } from './actions/router';

/** The node as n8n loads it: its face, and one door to the actions. */
export class Aiuta implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Aiuta',
		name: 'aiuta',
		icon: { light: 'file:aiuta.svg', dark: 'file:aiuta.dark.svg' },
		group: ['transform'],
		version: [1],
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Turn photos of garments into flat lay and ghost mannequin product pictures',
		defaults: { name: 'Aiuta' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'aiutaApi', required: true }],
		properties: [
			{
				displayName: 'API',
				name: 'api',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Flat Lays',
						value: API_FLAT_LAYS,
						description: 'One flat lay picture of each product',
					},
					{
						name: 'Studio',
						value: API_STUDIO,
						description: 'Several picture types and variants, with background and size',
					},
					{
						name: 'Unified',
						value: API_UNIFIED,
						description: 'As Studio, with quality review and a product catalogue',
					},
				],
				default: API_FLAT_LAYS,
				description:
					'The Aiuta API your key is for. It must be the same as in the credential: a key belongs to one API.',
			},
			{
				displayName: 'Resource',
				name: 'resource',
				type: 'options',
				noDataExpression: true,
				options: [
					{
						name: 'Flat Lay',
						value: RESOURCE_FLAT_LAY,
						description: 'Generate pictures of products',
					},
					{
						name: 'Generated Image',
						value: RESOURCE_GENERATED_IMAGE,
						description: 'Pictures Aiuta has made',
					},
					{
						name: 'Image',
						value: RESOURCE_IMAGE,
						description: 'Photos uploaded to Aiuta',
					},
				],
				default: RESOURCE_FLAT_LAY,
				description: 'What to work with',
			},
			...flatLay.description,
			...image.description,
			...generatedImage.description,
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await router.call(this);
	}
}
