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
import { chosenAction } from './actions/router';
import { searchSkus } from './inputs/skus';

/** Read by the workflow builder of newer n8n versions; the others ignore it. */
const BUILDER_HINT = {
	builderHint: {
		searchHint:
			'Give each input item the photos of one garment as binary data and set Product ID to its SKU. Use Generate and Wait for finished pictures in one step; Create Operation and Wait for Operation where a review takes hours. Connect the error output: one product that fails does not stop the others.',
		relatedNodes: [
			{ nodeType: 'n8n-nodes-base.formTrigger', relationHint: 'Lets a person upload photos' },
			{
				nodeType: 'n8n-nodes-base.httpRequest',
				relationHint: 'Downloads photos by URL, with Response Format set to File',
			},
			{ nodeType: 'n8n-nodes-base.readWriteFile', relationHint: 'Reads photos, keeps pictures' },
		],
	},
};

/** The node as n8n loads it: its face, and one door to the actions. */
export class Aiuta implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Aiuta',
		name: 'aiuta',
		icon: { light: 'file:aiuta.svg', dark: 'file:aiuta.dark.svg' },
		group: ['transform'],
		version: [1],
		// The values as words, e.g. "generate and wait: flat lay".
		subtitle:
			'={{ ($parameter["operation"] + ": " + $parameter["resource"]).replace(/[A-Z]/g, " $&").toLowerCase() }}',
		description: 'Turn photos of garments into flat lay and ghost mannequin product pictures',
		defaults: { name: 'Aiuta' },
		usableAsTool: true,
		...BUILDER_HINT,
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
		return await chosenAction(this).call(this);
	}
}
