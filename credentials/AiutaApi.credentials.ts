import type {
	ICredentialDataDecryptedObject,
	ICredentialTestRequest,
	ICredentialType,
	IHttpRequestOptions,
	INodeProperties,
} from 'n8n-workflow';

import { parseApiKey } from '../nodes/Aiuta/api/apiKey';
import { parseBaseUrl, sameOrigin } from '../nodes/Aiuta/api/baseUrl';
import { GENERATIONS } from '../nodes/Aiuta/api/generations';

const DEFAULT_BASE_URL = 'https://api.aiuta.com';

/**
 * Answers that say the key was let in, although what was asked for is not there. Every other answer
 * outside 2xx fails the test: a redirect or a server error says nothing about the key.
 */
const ANSWERS_TO_A_GOOD_KEY = [404, 422];
const FAILING_STATUSES = Array.from({ length: 300 }, (_, index) => 300 + index).filter(
	(status) => !ANSWERS_TO_A_GOOD_KEY.includes(status),
);

/** Read a text field; n8n stores what was typed or an expression's result, which may be anything. */
function textField(credentials: ICredentialDataDecryptedObject, name: string): string {
	const value = credentials[name];
	return typeof value === 'string' ? value.trim() : '';
}

/** The HTTP Request node makes requests of an older kind (n8n 2.0 and 2.40), with a field of its own. */
type AnyRequestOptions = IHttpRequestOptions & { uri?: unknown };

/** Spell out every address that a request names; undefined in place of one that cannot be told. */
function addressesOf({ baseURL, url, uri }: AnyRequestOptions): Array<string | undefined> {
	const given = [url, uri].filter((address: unknown) => address !== undefined && address !== '');
	return given.map((address) => {
		try {
			return new URL(String(address), baseURL).href;
		} catch {
			return undefined;
		}
	});
}

/** Redirects off, as the two kinds of request spell it. */
const NO_REDIRECTS = {
	disableFollowRedirect: true,
	followRedirect: false,
	followAllRedirects: false,
	maxRedirects: 0,
};

/** The base URL as `parseBaseUrl` cuts it, in n8n's expression language: slashes and base path off. */
const TEST_BASE_URL = [
	"={{ String($credentials.baseUrl ?? '').trim()",
	String.raw`.replace(/\/+$/, '').replace(/\/+(?:flat-lays\/+|studio\/+)?v1$/, '')`,
	String.raw`.replace(/\/+$/, '') }}`,
].join('');

const TEST_PATHS = Object.fromEntries(
	Object.values(GENERATIONS).map(({ name, basePath, probePath }) => [name, basePath + probePath]),
);

const TEST_URL = `={{ (${JSON.stringify(TEST_PATHS)})[$credentials.api] }}`;

/**
 * Which error statuses to let pass, decided by the host while it runs the test.
 *
 * n8n-core 2.8 and older take any object for `true`, and then a refused key would pass: they must get
 * `false`. The object is known from n8n-core 2.11 on; `$execution` reaches the expressions of a
 * credential test only in hosts newer than that, so its presence proves that the object is understood.
 */
const TEST_IGNORED_STATUSES = `={{ $execution ? ${JSON.stringify({
	ignore: true,
	except: FAILING_STATUSES,
})} : false }}`;

const testRequest: ICredentialTestRequest['request'] = Object.assign(
	{
		baseURL: TEST_BASE_URL,
		url: TEST_URL,
		method: 'GET' as const,
		disableFollowRedirect: true,
	} satisfies ICredentialTestRequest['request'],
	// The types know the value, not the expression that yields it.
	{ ignoreHttpStatusErrors: TEST_IGNORED_STATUSES } as object,
);

function answerMessage(value: number, message: string) {
	return { type: 'responseCode' as const, properties: { value, message } };
}

const redirectMessages = [301, 302, 303, 307, 308].map((status) =>
	answerMessage(status, 'The server redirects elsewhere: check Base URL. The key was not sent on.'),
);

/** The key for Aiuta's API, where it may be sent, and which of the three APIs it belongs to. */
export class AiutaApi implements ICredentialType {
	name = 'aiutaApi';

	displayName = 'Aiuta API';

	icon = {
		light: 'file:../nodes/Aiuta/aiuta.svg',
		dark: 'file:../nodes/Aiuta/aiuta.dark.svg',
	} as const;

	documentationUrl = 'https://github.com/n8n-nodes-aiuta/n8n-nodes-aiuta#readme';

	properties: INodeProperties[] = [
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'The key you got from Aiuta. It belongs to one API, chosen below.',
		},
		{
			displayName: 'API',
			name: 'api',
			type: 'options',
			options: Object.values(GENERATIONS).map(({ label, name }) => ({ name: label, value: name })),
			default: 'flatLays',
			description: 'The API your key is subscribed to. A key works with one API only.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: DEFAULT_BASE_URL,
			placeholder: `e.g. ${DEFAULT_BASE_URL}`,
			description:
				'Address of the API. Change it only to go through a proxy of your own. It must start with https:// (http is accepted for localhost).',
		},
	];

	/**
	 * Add the key to a request that goes to the configured origin, and to no other.
	 *
	 * n8n calls this for every authenticated request: this node's, the credential test's and the HTTP
	 * Request node's. It keeps the host from following redirects, because a custom header is not
	 * stripped on the way to another origin (observed on n8n 2.0 and 2.40).
	 *
	 * @throws Error naming the field at fault, before anything is sent; never with the key in it
	 */
	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		requestOptions: IHttpRequestOptions,
	): Promise<IHttpRequestOptions> {
		const key = parseApiKey(credentials['apiKey']);
		if (!key.ok) throw new Error(`${key.message}. See the Aiuta API credential`);
		const base = parseBaseUrl(textField(credentials, 'baseUrl'));
		if (!base.ok) throw new Error(base.message);
		const addresses = addressesOf(requestOptions);
		const isAtHome = addresses.every(
			(address) => address !== undefined && sameOrigin(address, base.origin),
		);
		if (addresses.length === 0 || !isAtHome) {
			throw new Error(
				'The request does not go to the Base URL of the Aiuta credential, so the API key was not added',
			);
		}
		return await Promise.resolve({
			...requestOptions,
			...NO_REDIRECTS,
			headers: { ...requestOptions.headers, 'x-api-key': key.apiKey },
		});
	}

	test: ICredentialTestRequest = {
		request: testRequest,
		rules: [
			answerMessage(
				401,
				'Aiuta refused the key (401). Check API Key, and that API is the one the key belongs to.',
			),
			answerMessage(
				403,
				'Aiuta refused the key (403). A key belongs to one API: check that API is the right one.',
			),
			...ANSWERS_TO_A_GOOD_KEY.map((status) =>
				answerMessage(
					status,
					`The key was not refused, but the server answered ${status}. Check Base URL and API.`,
				),
			),
			...redirectMessages,
		],
	};
}
