/**
 * How many functions of ours a product passes on its way from n8n to a request: each must earn its place.
 * Read off the call stack under n8n's request helper, callers that wait for a promise included.
 */
import { join } from 'node:path';

import type { IAllExecuteFunctions, IExecuteFunctions } from 'n8n-workflow';

import { Aiuta } from '../../nodes/Aiuta/Aiuta.node';
import { APIS, generate, NODE, products, useBench, type Api } from './engine.support';

jest.mock('../../nodes/Aiuta/transport/hostClock', () =>
	jest.requireActual<object>('../support/time/fastClock'),
);

const bench = useBench();

const NODE_DIR = join(__dirname, '../../nodes/Aiuta/');
const MOST_FUNCTIONS = 14;
/** More than there are, ours and n8n's together. */
const WHOLE_STACK = 200;

type RequestArguments = Parameters<IExecuteFunctions['helpers']['httpRequestWithAuthentication']>;

interface Request {
	url: string;
	/** Our functions, the innermost first. */
	chain: string[];
}

function ourFunctions(stack: string): string[] {
	return stack
		.split('\n')
		.filter((line) => line.includes(NODE_DIR))
		.map((line) => line.replace(NODE_DIR, '').replace(/^\s*at (async )?/, ''));
}

/** Generate and Wait for one photo, and the way each request of it has come. */
async function requestsOfOnePhoto(api: Api): Promise<Request[]> {
	const requests: Request[] = [];
	const watch = (host: IExecuteFunctions): IExecuteFunctions => {
		const request = async function (this: IAllExecuteFunctions, ...given: RequestArguments) {
			requests.push({ url: given[1].url, chain: ourFunctions(new Error().stack ?? '') });
			return (await host.helpers.httpRequestWithAuthentication.apply(this, given)) as unknown;
		};
		const helpers = { ...host.helpers, httpRequestWithAuthentication: request };
		return Object.create(host, { helpers: { value: helpers } }) as IExecuteFunctions;
	};
	jest.spyOn(NODE.nodeType, 'execute').mockImplementation(async function (this: IExecuteFunctions) {
		return await Aiuta.prototype.execute.call(watch(this));
	});
	const limit = Error.stackTraceLimit;
	Error.stackTraceLimit = WHOLE_STACK;
	try {
		const { error } = await bench().run({
			items: await products(1),
			parameters: generate({ api, downloadImages: false }),
		});
		expect(error).toBeUndefined();
	} finally {
		Error.stackTraceLimit = limit;
	}
	return requests;
}

it.each(APIS)(
	'a product passes at most 14 functions from execute to a request to %s',
	async (api) => {
		const requests = await requestsOfOnePhoto(api);
		// An upload, a create and a poll, or more polls.
		expect(requests.length).toBeGreaterThanOrEqual(3);
		for (const { chain } of requests) {
			// From end to end: a chain that is cut short somewhere would not show what stands behind it.
			expect(chain[0]).toContain('transport/send.ts');
			expect(chain.at(-1)).toContain('Aiuta.node.ts');
			expect(chain.length > MOST_FUNCTIONS ? chain : []).toEqual([]);
		}
	},
);
