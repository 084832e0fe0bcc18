/** Fetches the SKUs of the Unified catalogue for the panel, where no run of the node is under way. */
import type { ILoadOptionsFunctions } from 'n8n-workflow';

import { parseBaseUrl } from '../api/baseUrl';
import { GENERATIONS } from '../api/generations';
import { skuItemsRequest, type SkuPage } from '../api/requests';
import { isJsonObject } from '../core/json';
import { CREDENTIAL_NAME } from './send';

export type SkuAnswer = { ok: true; page: SkuPage } | { ok: false; problem: string };

/**
 * Read one page of the catalogue. The credential itself refuses any origin but its own; redirects are
 * not followed, and of an answer nothing but SKUs is passed on.
 *
 * @param limit 1 to 500
 */
export async function readSkuPage(
	host: ILoadOptionsFunctions,
	offset: number,
	limit: number,
): Promise<SkuAnswer> {
	const { baseUrl } = await host.getCredentials(CREDENTIAL_NAME);
	const parsed = parseBaseUrl(typeof baseUrl === 'string' ? baseUrl : '');
	if (!parsed.ok) return { ok: false, problem: parsed.message };
	const { http, read } = skuItemsRequest(GENERATIONS.unified, offset, limit);
	try {
		const response: unknown = await host.helpers.httpRequestWithAuthentication.call(
			host,
			CREDENTIAL_NAME,
			{
				method: http.method,
				url: `${parsed.baseUrl}${http.path}`,
				timeout: http.timeoutMs,
				json: true,
				returnFullResponse: true,
				ignoreHttpStatusErrors: true,
				disableFollowRedirect: true,
			},
		);
		const { statusCode: status, body } = isJsonObject(response) ? response : {};
		if (status === 401 || status === 403) {
			const problem = 'Aiuta refused the API key. Is the key of the credential one for Unified?';
			return { ok: false, problem };
		}
		const page = status === 200 ? read(body) : undefined;
		return page === undefined
			? { ok: false, problem: `Aiuta gave no list of SKUs (HTTP status ${JSON.stringify(status)})` }
			: { ok: true, page };
	} catch {
		return { ok: false, problem: `Aiuta could not be reached at ${parsed.baseUrl}` };
	}
}
