/** One readable sentence of bounded length from whatever the API answered. */
import { describeErrorBody, MAX_DETAIL_LENGTH } from '../../nodes/Aiuta/api/errorBody';

const body = (value: unknown) => describeErrorBody(JSON.stringify(value));

describe('an error body', () => {
	it.each<[string, unknown, string]>([
		[
			'one field of a 422',
			{ detail: [{ loc: ['body', 'product_title'], msg: 'too long', type: 'x' }] },
			'product_title: too long',
		],
		[
			'several fields of a 422',
			{
				detail: [
					{ loc: ['body', 'image_types', 0, 'viewpoint'], msg: 'wrong' },
					{ loc: ['query', 'limit'], msg: 'too big' },
				],
			},
			'image_types.0.viewpoint: wrong; query.limit: too big',
		],
		['a 422 of the whole body', { detail: [{ loc: ['body'], msg: 'missing' }] }, 'missing'],
		['a 422 without a place', { detail: [{ msg: 'missing' }] }, 'missing'],
		['detail as text', { detail: 'Not authenticated' }, 'Not authenticated'],
		['an ApiError', { code: 'SKU_UNKNOWN', message: 'No such SKU' }, 'No such SKU (SKU_UNKNOWN)'],
		['an ApiError with a code only', { code: 'SKU_UNKNOWN' }, 'SKU_UNKNOWN'],
		["a gateway's message", { message: 'Forbidden' }, 'Forbidden'],
		['text as JSON', 'try later', 'try later'],
		['what is readable of a mixed 422', { detail: ['x', null, { msg: 'readable' }] }, 'readable'],
	])('%s becomes a sentence', (_, value, sentence) => {
		expect(body(value)).toBe(sentence);
	});

	it('that is plain text is quoted on one line', () => {
		expect(describeErrorBody('  upstream\n\tconnect   error ')).toBe('upstream connect error');
	});

	it.each(['<html><body>502</body></html>', '  <!DOCTYPE html>', '<?xml version="1.0"?><a/>'])(
		'that is markup is not quoted: %s',
		(text) => {
			expect(describeErrorBody(text)).toBeUndefined();
		},
	);

	it('with markup for a message is not quoted either', () => {
		expect(body({ message: '<b>denied</b>' })).toBeUndefined();
	});

	it.each([
		'',
		'   ',
		'null',
		'{}',
		'[]',
		'5',
		'true',
		'""',
		'{"detail":[]}',
		'{"detail":{"a":1}}',
	])('that says nothing gives nothing: %s', (text) => {
		expect(describeErrorBody(text)).toBeUndefined();
	});

	it('is cut to 300 characters', () => {
		expect(MAX_DETAIL_LENGTH).toBe(300);
		expect(describeErrorBody('x'.repeat(300))).toBe('x'.repeat(300));
		const cut = describeErrorBody('x'.repeat(5_000)) ?? '';
		expect(cut).toHaveLength(300);
		expect(cut.endsWith('…')).toBe(true);
		const many = Array.from({ length: 100 }, (_, n) => ({ loc: ['body', n], msg: 'wrong' }));
		expect(body({ detail: many })).toHaveLength(300);
	});
});
