import { parseBaseUrl, sameOrigin } from '../../nodes/Aiuta/api/baseUrl';
import { GENERATIONS } from '../../nodes/Aiuta/api/generations';

describe('parseBaseUrl', () => {
	it.each([
		['https://api.aiuta.com', 'https://api.aiuta.com'],
		['https://api.aiuta.com/', 'https://api.aiuta.com'],
		['https://api.aiuta.com///', 'https://api.aiuta.com'],
		['  https://api.aiuta.com\n', 'https://api.aiuta.com'],
		['HTTPS://API.Aiuta.com:443', 'https://api.aiuta.com'],
		['https://proxy.example:8443/aiuta/', 'https://proxy.example:8443/aiuta'],
		['https://proxy.example/aiuta/studio/v1', 'https://proxy.example/aiuta'],
		['https://api.aiuta.com/flat-lays/v1/', 'https://api.aiuta.com'],
		['https://api.aiuta.com/studio/v1', 'https://api.aiuta.com'],
		['https://api.aiuta.com/v1//', 'https://api.aiuta.com'],
		['https://api.aiuta.com/v10', 'https://api.aiuta.com/v10'],
		['https://api.aiuta.com/av1', 'https://api.aiuta.com/av1'],
		['http://localhost:5678/', 'http://localhost:5678'],
		['http://127.0.0.1:80', 'http://127.0.0.1'],
		['http://127.8.9.10:3000/v1', 'http://127.8.9.10:3000'],
		['http://[::1]:3000', 'http://[::1]:3000'],
		['http://2130706433:3000', 'http://127.0.0.1:3000'],
	])('takes %j as %s', (input, baseUrl) => {
		expect(parseBaseUrl(input)).toEqual({ ok: true, origin: new URL(baseUrl).origin, baseUrl });
	});

	it.each([
		['', 'is empty'],
		['   ', 'is empty'],
		['api.aiuta.com', 'complete address'],
		['//api.aiuta.com', 'complete address'],
		['/v1', 'complete address'],
		['https:api.aiuta.com', 'complete address'],
		['https:///api.aiuta.com', 'complete address'],
		['https://', 'complete address'],
		['https://api.aiuta.com:99999', 'complete address'],
		['ftp://api.aiuta.com', 'complete address'],
		['file:///etc/hosts', 'complete address'],
		['javascript:alert(1)', 'complete address'],
		['https://user@api.aiuta.com', 'user name'],
		['https://:secret@api.aiuta.com', 'user name'],
		['https://api.aiuta.com?x=1', 'query'],
		['https://api.aiuta.com/?', 'query'],
		['https://api.aiuta.com/#', 'query'],
		['https://api.aiuta.com/v1#top', 'query'],
		['http://api.aiuta.com', 'unencrypted'],
		['http://10.0.0.5', 'unencrypted'],
		['http://0.0.0.0', 'unencrypted'],
		['http://localhost.example.com', 'unencrypted'],
		['http://127.0.0.1.example.com', 'unencrypted'],
		['http://127.example.com', 'unencrypted'],
		['http://[::2]', 'unencrypted'],
	])('refuses %j and names the field', (input, reason) => {
		const parsed = parseBaseUrl(input);
		expect(parsed).toEqual({ ok: false, message: expect.stringMatching(/^Base URL /) });
		expect(parsed).toEqual({ ok: false, message: expect.stringContaining(reason) });
	});

	it('does not repeat what was typed, which may hold a secret', () => {
		expect(JSON.stringify(parseBaseUrl('https://user:pa55word@host'))).not.toContain('pa55word');
		expect(JSON.stringify(parseBaseUrl('sk-pasted-key'))).not.toContain('sk-pasted-key');
	});

	it.each(Object.values(GENERATIONS).map(({ basePath }) => basePath))(
		'takes the base path %s off, as every generation has it',
		(basePath) => {
			expect(parseBaseUrl(`https://api.aiuta.com${basePath}`)).toMatchObject({
				baseUrl: 'https://api.aiuta.com',
			});
		},
	);
});

describe('sameOrigin', () => {
	it.each([
		['/v1/sku_items', 'https://api.aiuta.com', true],
		['uploaded_images', 'https://api.aiuta.com/base', true],
		['https://api.aiuta.com:443/x', 'https://api.aiuta.com', true],
		['https://API.aiuta.com/x', 'https://api.aiuta.com', true],
		['http://api.aiuta.com/x', 'https://api.aiuta.com', false],
		['https://api.aiuta.com:8443/x', 'https://api.aiuta.com', false],
		['https://api.aiuta.com.example/x', 'https://api.aiuta.com', false],
		['https://api.aiuta.com@example.com/x', 'https://api.aiuta.com', false],
		['//example.com/x', 'https://api.aiuta.com', false],
		['\\\\example.com/x', 'https://api.aiuta.com', false],
		['https://', 'https://api.aiuta.com', false],
		['/x', 'not a url', false],
	])('says of %s seen from %s: %s', (url, baseUrl, expected) => {
		expect(sameOrigin(url, baseUrl)).toBe(expected);
	});
});
