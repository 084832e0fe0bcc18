/** Where the demo sends its requests: a sandbox of its own, or the live API. */
import { startSandbox } from '../sandbox';
import { UsageError } from './products';

const LIVE_BASE_URL = 'https://api.aiuta.com';
const SANDBOX_GENERATION = { minMs: 2000, maxMs: 5000 };
const APIS = ['flatLays', 'studio', 'unified'] as const;

export type Api = (typeof APIS)[number];

export interface Target {
	kind: 'sandbox' | 'live';
	api: Api;
	baseUrl: string;
	apiKey: string;
	close(): Promise<void>;
}

function chosenApi(name: string | undefined): Api {
	const chosen = name === undefined || name === '' ? 'flatLays' : name;
	const api = APIS.find((known) => known === chosen);
	if (api === undefined) throw new UsageError(`AIUTA_API must be one of ${APIS.join(', ')}.`);
	return api;
}

/**
 * Read the target from the environment: AIUTA_API_KEY makes it the live API, AIUTA_API chooses the
 * generation, AIUTA_BASE_URL replaces the address. Without a key a sandbox is started.
 *
 * @throws UsageError for an API that does not exist
 */
export async function openTarget(env: NodeJS.ProcessEnv): Promise<Target> {
	const api = chosenApi(env['AIUTA_API']);
	const apiKey = env['AIUTA_API_KEY'] ?? '';
	if (apiKey !== '') {
		const baseUrl = env['AIUTA_BASE_URL'] ?? LIVE_BASE_URL;
		return { kind: 'live', api, baseUrl, apiKey, close: async () => undefined };
	}
	const sandbox = await startSandbox({ generationMs: SANDBOX_GENERATION });
	return {
		kind: 'sandbox',
		api,
		baseUrl: sandbox.url,
		apiKey: sandbox.apiKeys[api],
		close: async () => await sandbox.close(),
	};
}
