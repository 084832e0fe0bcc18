/** File names of generated pictures, for people who file them by SKU. */
import { pictureNames } from '../../nodes/Aiuta/api/fileName';
import type { AiutaImage } from '../../nodes/Aiuta/api/types';

function image(flatLayType?: string, viewpoint?: string): AiutaImage {
	return {
		id: 'i',
		url: 'https://files.example/i',
		...(flatLayType === undefined ? {} : { flat_lay_type: flatLayType }),
		...(viewpoint === undefined ? {} : { viewpoint }),
	};
}

describe('the name of a picture', () => {
	it('is the identifier alone for a single picture without a type', () => {
		expect(pictureNames('SKU-1', [image()])).toEqual(['SKU-1']);
	});

	it('has the type and the viewpoint', () => {
		expect(
			pictureNames('SKU-1', [image('flat', 'front'), image('ghost_mannequin', 'back')]),
		).toEqual(['SKU-1_flat_front', 'SKU-1_ghost_mannequin_back']);
	});

	it('is numbered from 1 only where it would be shared', () => {
		const images = [image('flat', 'front'), image('flat', 'front'), image('flat', 'back')];
		expect(pictureNames('A', images)).toEqual(['A_flat_front_1', 'A_flat_front_2', 'A_flat_back']);
		expect(pictureNames('A', [image(), image(), image()])).toEqual(['A_1', 'A_2', 'A_3']);
	});

	it('of no picture is none', () => {
		expect(pictureNames('A', [])).toEqual([]);
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
		['Größe-38 Ü', 'Größe-38_Ü'],
		['платье №5', 'платье_№5'],
		['', 'image'],
		['///', 'image'],
		['...', 'image'],
	])('makes "%s" safe: %s', (identifier, name) => {
		expect(pictureNames(identifier, [image()])).toEqual([name]);
	});

	it('is of bounded length', () => {
		const [name = ''] = pictureNames('x'.repeat(1_000), [image('ghost_mannequin', 'front')]);
		expect(name).toHaveLength(120 + '_ghost_mannequin_front'.length);
	});
});
