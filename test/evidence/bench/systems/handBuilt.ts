/**
 * System b: the workflow a competent user builds without code. Upload, Create and Get Operation keep to
 * the rate by the HTTP Request node's batching, unfinished operations go back to Wait, finished ones on
 * to the download.
 */
import {
	flowOf,
	manualTrigger,
	plainNode,
	type Flow,
	type FlowNode,
} from '../../../support/n8n/n8nFlows';
import { photosNode } from '../photos';
import {
	HEADER_CREDENTIAL,
	HEADER_CREDENTIAL_NAME,
	makeHeaderCredential,
	type Job,
	type System,
} from './system';

const HTTP_REQUEST_VERSION = 4.2;
const POLL_WAIT_SECONDS = 5;
/** The last batch of uploads has emptied the server's bucket; without a pause the creates meet 429s. */
const REFILL_WAIT_SECONDS = 1;
/**
 * The node times the batches by when it starts them. At exactly 1,000 ms a batch that arrives faster
 * than the one before is over the limit, and a 429 for one create fails the whole workflow.
 */
const BATCH_INTERVAL_MS = 1020;
/** More room for the one call that must not fail: it is paid for, so that Retry On Fail is no way out. */
const CREATE_INTERVAL_MS = 1050;
const LOOP_STEP_Y = 220;

const UPLOAD = 'Upload';
const CREATE = 'Create';
const OPERATION = 'Operation';
const WAIT = 'Wait';
const GET = 'Get Operation';
const STATE = 'State';
const IS_FINAL = 'Is Final';
const DOWNLOAD = 'Download';

/** A free call that fails is made again, by the node's own settings. */
const RETRY = { retryOnFail: true, maxTries: 3, waitBetweenTries: 2000 };

function apiCall(
	{ credentialId, requestsPerSecond }: Job,
	name: string,
	parameters: Record<string, unknown>,
	batchInterval = BATCH_INTERVAL_MS,
): FlowNode {
	const batch = { batchSize: requestsPerSecond, batchInterval };
	return {
		...plainNode(name, 'n8n-nodes-base.httpRequest', HTTP_REQUEST_VERSION, {
			authentication: 'genericCredentialType',
			genericAuthType: HEADER_CREDENTIAL,
			options: { batching: { batch } },
			...parameters,
		}),
		credentials: { [HEADER_CREDENTIAL]: { id: credentialId, name: HEADER_CREDENTIAL_NAME } },
	};
}

function upload(job: Job): FlowNode {
	const file = {
		parameterType: 'formBinaryData',
		name: 'image_data',
		inputDataFieldName: 'data',
	};
	return {
		...apiCall(job, UPLOAD, {
			method: 'POST',
			url: `${job.flatLaysUrl}/uploaded_images`,
			sendBody: true,
			contentType: 'multipart-form-data',
			bodyParameters: { parameters: [file] },
		}),
		...RETRY,
	};
}

/** Costs money: never retried. */
function create(job: Job): FlowNode {
	const parameters = {
		method: 'POST',
		url: `${job.flatLaysUrl}/flat_lay_operations`,
		sendBody: true,
		specifyBody: 'json',
		jsonBody:
			"={{ { uploaded_product_image_ids: [$json.id], product_title: $('Items').item.json.product_id } }}",
	};
	return apiCall(job, CREATE, parameters, CREATE_INTERVAL_MS);
}

/** A poll that fails is no final state, so that its operation waits for the next round. */
function get(job: Job): FlowNode {
	return {
		...apiCall(job, GET, {
			url: `=${job.flatLaysUrl}/flat_lay_operations/{{ $json.operation_id }}`,
		}),
		onError: 'continueRegularOutput',
	};
}

function download(): FlowNode {
	return {
		...plainNode(DOWNLOAD, 'n8n-nodes-base.httpRequest', HTTP_REQUEST_VERSION, {
			url: '={{ $json.image_url }}',
			options: {
				response: { response: { responseFormat: 'file', outputPropertyName: 'data' } },
			},
		}),
		...RETRY,
	};
}

function fields(name: string, values: Record<string, string>): FlowNode {
	const assignments = Object.entries(values).map(([field, value]) => ({
		id: field,
		name: field,
		type: 'string',
		value,
	}));
	return plainNode(name, 'n8n-nodes-base.set', 3.4, {
		assignments: { assignments },
		options: {},
	});
}

function wait(name: string, seconds: number): FlowNode {
	return {
		...plainNode(name, 'n8n-nodes-base.wait', 1.1, { amount: seconds, unit: 'seconds' }),
		webhookId: name,
	};
}

function isFinal(): FlowNode {
	return plainNode(IS_FINAL, 'n8n-nodes-base.if', 2.2, {
		conditions: {
			options: { caseSensitive: true, leftValue: '', typeValidation: 'strict', version: 2 },
			combinator: 'and',
			conditions: [
				{
					id: 'final',
					leftValue: "={{ ['SUCCESS', 'FAILED', 'CANCELLED', 'ABORTED'].includes($json.status) }}",
					rightValue: '',
					operator: { type: 'boolean', operation: 'true', singleValue: true },
				},
			],
		},
		options: {},
	});
}

/** Lead what is not final back to Wait, and put the download above, so that it goes first. */
function closeLoop(flow: Flow): Flow {
	const link = (node: string) => [{ node, type: 'main' as const, index: 0 as const }];
	const nodes = flow.nodes.map((node): FlowNode => {
		const [x, y] = node.position;
		return node.name === DOWNLOAD ? { ...node, position: [x, y - LOOP_STEP_Y] } : node;
	});
	const outputs = { main: [link(DOWNLOAD), link(WAIT)] };
	return { ...flow, nodes, connections: { ...flow.connections, [IS_FINAL]: outputs } };
}

export const handBuiltSystem: System = {
	lastNode: DOWNLOAD,
	needsPackage: false,
	prepare: () => ({}),
	makeCredential: makeHeaderCredential,
	flow: async (job) =>
		closeLoop(
			flowOf(job.name, [
				manualTrigger(),
				await photosNode(job),
				upload(job),
				wait('Refill', REFILL_WAIT_SECONDS),
				create(job),
				fields(OPERATION, {
					product_id: "={{ $('Items').item.json.product_id }}",
					operation_id: '={{ $json.operation_id }}',
				}),
				wait(WAIT, POLL_WAIT_SECONDS),
				get(job),
				fields(STATE, {
					product_id: `={{ $('${WAIT}').item.json.product_id }}`,
					operation_id: `={{ $('${WAIT}').item.json.operation_id }}`,
					status: "={{ $json.status ?? '' }}",
					image_url: "={{ $json.generated_images?.[0]?.url ?? '' }}",
				}),
				isFinal(),
				download(),
			]),
		),
};
