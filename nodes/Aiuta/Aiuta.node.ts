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
import { apiField, resourceField } from './inputs/selectors';
import { router } from './actions/router';
import { searchSkus } from './inputs/skus';

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
			apiField,
			resourceField,
			...flatLay.description,
			...image.description,
			...generatedImage.description,
		],
	};

	methods = { listSearch: { searchSkus } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await router.call(this);
	}
}
