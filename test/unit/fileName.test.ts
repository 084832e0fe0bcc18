/** File names of generated pictures, for people who file them by SKU. */
import fc from 'fast-check';

import { PictureNames } from '../../nodes/Aiuta/api/fileName';
import type { AiutaImage } from '../../nodes/Aiuta/api/types';

function image(flatLayType?: string, viewpoint?: string): AiutaImage {
	return {
		id: 'i',
		url: 'https://files.example/i',
		...(flatLayType === undefined ? {} : { flat_lay_type: flatLayType }),
		...(viewpoint === undefined ? {} : { viewpoint }),
	};
}

/** The names of one product's pictures, the product being the only one of its run. */
function namesOf(identifier: string, images: AiutaImage[]): string[] {
	const names = new PictureNames();
	return names.of(names.reserve(identifier), images);
}

function bytesOf(text: string): number {
	return new TextEncoder().encode(text).length;
}

describe('the name of a picture', () => {
	it('is the identifier alone for a single picture without a type', () => {
		expect(namesOf('SKU-1', [image()])).toEqual(['SKU-1']);
	});

	it('has the type and the viewpoint', () => {
		expect(namesOf('SKU-1', [image('flat', 'front'), image('ghost_mannequin', 'back')])).toEqual([
			'SKU-1_flat_front',
			'SKU-1_ghost_mannequin_back',
		]);
	});

	it('is numbered from 1 only where it would be shared', () => {
		const images = [image('flat', 'front'), image('flat', 'front'), image('flat', 'back')];
		expect(namesOf('A', images)).toEqual(['A_flat_front_1', 'A_flat_front_2', 'A_flat_back']);
		expect(namesOf('A', [image(), image(), image()])).toEqual(['A_1', 'A_2', 'A_3']);
	});

	it('of no picture is none', () => {
		expect(namesOf('A', [])).toEqual([]);
	});

	it.each([
		['a/b\\c', 'a_b_c'],
		['a:b*c?d"e<f>g|h', 'a_b_c_d_e_f_g_h'],
		['50% off & more', '50_off_more'],
		['../../etc/passwd', 'etc_passwd'],
		['.hidden', 'hidden'],
		['trailing. ', 'trailing'],
		['tab\tnew\nline', 'tab_new_line'],
		['nul\u0000byte', 'nul_byte'],
		['zero\u200bwidth', 'zero_width'],
		['half\ud83d', 'half'],
		['Größe-38 Ü', 'Größe-38_Ü'],
		['платье №5', 'платье_№5'],
		['', 'image'],
		['///', 'image'],
		['...', 'image'],
		['ok1.jpg', 'ok1'],
		['ok1.JPEG', 'ok1'],
		['v1.2', 'v1.2'],
		['.jpg', 'image'],
		['CON', '_CON'],
		['nul.png', '_nul'],
		['com1.x', '_com1.x'],
		['console', 'console'],
	])('makes "%s" safe: %s', (identifier, name) => {
		expect(namesOf(identifier, [image()])).toEqual([name]);
	});

	it('makes what the API calls a type safe, too', () => {
		expect(namesOf('A', [image('../up', 'a/b')])).toEqual(['A_up_a_b']);
		expect(namesOf('A', [image('///', '')])).toEqual(['A']);
	});

	it('is cut at a whole character', () => {
		const [name = ''] = namesOf('🧥'.repeat(100), [image()]);
		expect(name).toBe('🧥'.repeat(35));
	});
});

describe('the names of a run', () => {
	it('differ where two products differ in unsafe characters or case only', () => {
		const names = new PictureNames();
		const reserved = ['RED 1', 'RED/1', 'red_1', 'RED_1_2'].map((id) => names.reserve(id));
		expect(reserved).toEqual(['RED_1', 'RED_1_2', 'red_1_3', 'RED_1_2_2']);
	});

	it('differ where the second picture of one product is called like another product', () => {
		const names = new PictureNames();
		const [a, b] = [names.reserve('A'), names.reserve('A_2')];
		expect([...names.of(a, [image(), image()]), ...names.of(b, [image()])]).toEqual([
			'A_1',
			'A_2_2',
			'A_2',
		]);
	});

	const identifier = fc.oneof(
		fc.constantFrom('RED 1', 'RED/1', 'red_1', 'RED_1', 'a.png', 'A', 'A_1', 'a_flat_front', ''),
		fc.string({ unit: 'binary', maxLength: 60 }),
		fc.constantFrom('裙', 'ß', '🧥', 'İ').map((char) => char.repeat(120)),
	);
	const pictures = fc.array(
		fc.constantFrom(image(), image('flat', 'front'), image('x'.repeat(300), '裙'.repeat(120))),
		{ maxLength: 4 },
	);
	const products = fc.array(fc.tuple(identifier, pictures), { maxLength: 6 });

	it('are all different, in any case, safe, and at most 200 bytes with an extension', () => {
		fc.assert(
			fc.property(products, (some) => {
				const names = new PictureNames();
				const reserved = some.map(([id, images]) => ({ name: names.reserve(id), images }));
				const all = reserved.flatMap(({ name, images }) => names.of(name, images));
				const isBad = (name: string) =>
					name === '' || /[\\/:*?"<>|\p{C}\s]|^\.|\.$/u.test(name) || bytesOf(`${name}.jpeg`) > 200;
				expect(all.filter(isBad)).toEqual([]);
				expect(new Set(all.map((name) => name.toLowerCase())).size).toBe(all.length);
				expect(new Set(all.map((name) => name.toUpperCase())).size).toBe(all.length);
			}),
			{ numRuns: 2_000 },
		);
	});

	it('are the same in a re-run that reserves in the same order', () => {
		fc.assert(
			fc.property(fc.array(identifier, { maxLength: 12 }), (identifiers) => {
				const [first, second] = [new PictureNames(), new PictureNames()];
				const reserve = (names: PictureNames) => identifiers.map((id) => names.reserve(id));
				expect(reserve(second)).toEqual(reserve(first));
			}),
		);
	});
});
