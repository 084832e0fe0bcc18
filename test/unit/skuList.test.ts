import type { ILoadOptionsFunctions } from 'n8n-workflow';

import { searchSkus } from '../../nodes/Aiuta/inputs/skus';

interface Asked {
	url: string;
	disableFollowRedirect?: boolean;
}

const SKUS = Array.from({ length: 1200 }, (_, index) => ({
	sku_id: `sku-${index}`,
	product_info: index % 2 === 0 ? { title: `Dress ${index}` } : {},
}));

/** The catalogue behind n8n's helper; `status` answers everything with an error. */
function panel(asked: Asked[], status = 200): ILoadOptionsFunctions {
	const answer = (options: Asked) => {
		asked.push(options);
		const query = new URL(options.url).searchParams;
		const offset = Number(query.get('offset'));
		const end = offset + Number(query.get('limit'));
		const next_offset = end < SKUS.length ? end : null;
		const body = { items: SKUS.slice(offset, end), total: SKUS.length, next_offset };
		return Promise.resolve({ statusCode: status, headers: {}, body });
	};
	return {
		getCredentials: () => Promise.resolve({ baseUrl: 'https://api.aiuta.com', apiKey: 'key' }),
		getNode: () => ({ name: 'Aiuta', type: 'n8n-nodes-aiuta.aiuta' }),
		helpers: {
			httpRequestWithAuthentication: (_name: string, options: Asked) => answer(options),
		},
	} as unknown as ILoadOptionsFunctions;
}

describe('the list of SKUs', () => {
	it('gives one page at a time, and says where the next begins', async () => {
		const asked: Asked[] = [];
		const first = await searchSkus.call(panel(asked));
		expect(first.results).toHaveLength(100);
		expect(first.results.slice(0, 2)).toEqual([
			{ name: 'Dress 0 (sku-0)', value: 'sku-0' },
			{ name: 'sku-1', value: 'sku-1' },
		]);
		const second = await searchSkus.call(panel(asked), '', first.paginationToken);
		expect(second.results[0]?.value).toBe('sku-100');
		expect(asked.map(({ url }) => url)).toEqual([
			'https://api.aiuta.com/v1/sku_items?offset=0&limit=100',
			'https://api.aiuta.com/v1/sku_items?offset=100&limit=100',
		]);
		expect(asked.every(({ disableFollowRedirect }) => disableFollowRedirect)).toBe(true);
	});

	it.each(['SKU-1101', 'sku-1101 '])(
		'searches the pages for %j until one has it',
		async (filter) => {
			const asked: Asked[] = [];
			const found = await searchSkus.call(panel(asked), filter);
			expect(found).toEqual({ results: [{ name: 'sku-1101', value: 'sku-1101' }] });
			expect(asked).toHaveLength(3);
		},
	);

	it('finds a product by its title', async () => {
		const found = await searchSkus.call(panel([]), 'dress 1000');
		expect(found.results).toEqual([{ name: 'Dress 1000 (sku-1000)', value: 'sku-1000' }]);
	});

	it.each([
		[403, /refused the API key/],
		[500, /no list of SKUs \(HTTP status 500\)/],
	])('says what went wrong when Aiuta answers %d', async (status, message) => {
		await expect(searchSkus.call(panel([], status))).rejects.toThrow(message);
	});
});
