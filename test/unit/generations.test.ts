/** The three API generations: create bodies, the rules checked before sending, reading operations. */
import { FAILURES } from '../../nodes/Aiuta/api/failureCatalogue';
import { failure } from '../../nodes/Aiuta/api/failures';
import { flatLays } from '../../nodes/Aiuta/api/flatLays';
import { readOperation } from '../../nodes/Aiuta/api/generation';
import { GENERATIONS } from '../../nodes/Aiuta/api/generations';
import { IMAGE_TYPES, MAX_URL_LENGTH } from '../../nodes/Aiuta/api/createBody';
import { readCreated } from '../../nodes/Aiuta/api/requests';
import { isTerminal, operationState } from '../../nodes/Aiuta/api/status';
import { studio } from '../../nodes/Aiuta/api/studio';
import type {
	CreateInput,
	CreateOptions,
	ImageReference,
	ImageType,
} from '../../nodes/Aiuta/api/types';
import { unified } from '../../nodes/Aiuta/api/unified';

function input(changes: Partial<CreateInput> = {}): CreateInput {
	return {
		images: { kind: 'uploadedImageIds', ids: ['a', 'b'] },
		product: {},
		options: {},
		imageTypes: ['flat_front'],
		...changes,
	};
}

const URLS: ImageReference = { kind: 'imageUrls', urls: ['https://shop.example/a.jpg'] };
const PRODUCT = { productId: 'SKU-1', category: 'Dresses', title: 'Red', description: 'Long' };
const LAYOUT: CreateOptions = {
	backgroundType: 'reference_color',
	backgroundColor: '#80ff00',
	outputWidth: 1_000,
	outputHeight: 1_500,
	paddingTop: 10,
};
const LAYOUT_BODY = {
	background_settings: { background_type: 'reference_color', reference_color: '#80ff00' },
	output_image_size: { width: 1_000, height: 1_500 },
	output_image_paddings: { top: 10, bottom: 0, left: 0, right: 0 },
};

const violated = (generation: typeof studio, changes: Partial<CreateInput>) =>
	generation.violations(input(changes)).map(({ parameter }) => parameter);

describe('the generations', () => {
	it('have the base paths and the probes of their specs', () => {
		const facts = Object.values(GENERATIONS).map(({ name, basePath }) => [name, basePath]);
		expect(facts).toEqual([
			['flatLays', '/flat-lays/v1'],
			['studio', '/studio/v1'],
			['unified', '/v1'],
		]);
		expect(unified.probePath).toBe('/sku_items?limit=1');
		expect(flatLays.probePath).toMatch(/^\/flat_lay_operations\/[0-9a-f-]{36}$/);
		expect(studio.probePath).toMatch(/^\/flat_lay_operations\/flatlay_op-[0-9a-f-]{36}$/);
	});

	it('split the image types into operations as their API does', () => {
		const types: ImageType[] = ['flat_front', 'detail_back'];
		expect(flatLays.operationsFor(types)).toEqual([[]]);
		expect(studio.operationsFor(types)).toEqual([types]);
		expect(unified.operationsFor(types)).toEqual([['flat_front'], ['detail_back']]);
	});

	it('Flat Lays alone does not fetch image URLs', () => {
		expect([flatLays, studio, unified].map(({ takesImageUrls }) => takesImageUrls)).toEqual([
			false,
			true,
			true,
		]);
	});
});

describe('the create body of Flat Lays', () => {
	it('has nothing but the images when nothing else was touched', () => {
		expect(flatLays.createBody(input())).toEqual({ uploaded_product_image_ids: ['a', 'b'] });
	});

	it('has the product fields and options that were given', () => {
		const options = { operationPriority: 'offline', outputResolution: 'high' };
		expect(flatLays.createBody(input({ product: PRODUCT, options }))).toEqual({
			uploaded_product_image_ids: ['a', 'b'],
			product_category: 'Dresses',
			product_title: 'Red',
			product_description: 'Long',
			operation_priority: 'offline',
			output_resolution: 'high',
		});
	});

	it('knows no rules beyond its fields', () => {
		expect(flatLays.violations(input({ options: LAYOUT }))).toEqual([]);
	});
});

describe('the create body of Studio', () => {
	it('has nothing but images and types when nothing else was touched', () => {
		expect(studio.createBody(input())).toEqual({
			product_info: { uploaded_image_ids: ['a', 'b'] },
			image_types: [{ flat_lay_type: 'flat', viewpoint: 'front' }],
		});
	});

	it('has everything that was given', () => {
		const options = { operationPriority: 'online', numberOfGenerations: 3, ...LAYOUT };
		const imageTypes: ImageType[] = ['ghost_mannequin_back', 'detail_front'];
		expect(
			studio.createBody(input({ images: URLS, product: PRODUCT, options, imageTypes })),
		).toEqual({
			product_info: {
				id: 'SKU-1',
				image_urls: ['https://shop.example/a.jpg'],
				category: 'Dresses',
				title: 'Red',
				description: 'Long',
			},
			image_types: [
				{ flat_lay_type: 'ghost_mannequin', viewpoint: 'back' },
				{ flat_lay_type: 'detail', viewpoint: 'front' },
			],
			operation_priority: 'online',
			number_of_generations: 3,
			...LAYOUT_BODY,
		});
	});

	it.each([0, 5, 1.5, -1, Number.NaN])('refuses %d generations', (numberOfGenerations) => {
		expect(violated(studio, { options: { numberOfGenerations } })).toEqual(['numberOfGenerations']);
	});

	it.each([1, 2, 3, 4])('accepts %d generations', (numberOfGenerations) => {
		expect(violated(studio, { options: { numberOfGenerations } })).toEqual([]);
	});
});

describe('the create body of Unified', () => {
	it('has nothing but images and one type when nothing else was touched', () => {
		expect(unified.createBody(input())).toEqual({
			product_info: { uploaded_image_ids: ['a', 'b'] },
			image_type: { flat_lay_type: 'flat', viewpoint: 'front' },
		});
	});

	it('has everything that was given, and no product ID, which it has no field for', () => {
		const options: CreateOptions = {
			operationPriority: 'offline',
			qaMode: 'human',
			brand: 'Brand',
			color: 'red',
			gender: 'female',
			ageGroup: 'adult',
			storeUrl: 'https://shop.example/1',
			extra: { season: 'summer' },
			...LAYOUT,
		};
		expect(unified.createBody(input({ images: URLS, product: PRODUCT, options }))).toEqual({
			product_info: {
				image_urls: ['https://shop.example/a.jpg'],
				category: 'Dresses',
				title: 'Red',
				description: 'Long',
				brand: 'Brand',
				store_url: 'https://shop.example/1',
				color: 'red',
				gender: 'female',
				age_group: 'adult',
				extra: { season: 'summer' },
			},
			image_type: { flat_lay_type: 'flat', viewpoint: 'front' },
			operation_priority: 'offline',
			qa_mode: 'human',
			...LAYOUT_BODY,
		});
	});

	it('has a store URL as the spec wants it, spaces and foreign letters escaped', () => {
		const options = { storeUrl: 'https://shop.example/rotes kleid/größe' };
		expect(unified.createBody(input({ options }))).toMatchObject({
			product_info: { store_url: 'https://shop.example/rotes%20kleid/gr%C3%B6%C3%9Fe' },
		});
	});

	it('has the SKU in place of images and product fields', () => {
		const images = { kind: 'sku', skuId: 'S' } as const;
		expect(
			unified.createBody(input({ images, product: PRODUCT, options: { brand: 'B' } })),
		).toEqual({
			sku_id: 'S',
			image_type: { flat_lay_type: 'flat', viewpoint: 'front' },
		});
	});

	it.each([undefined, 'online'])('refuses human review with priority %s', (operationPriority) => {
		const options: CreateOptions = { qaMode: 'human' };
		if (operationPriority !== undefined) options.operationPriority = operationPriority;
		expect(violated(unified, { options })).toEqual(['operationPriority']);
	});

	it.each(['auto', 'none'])('accepts QA mode %s with any priority', (qaMode) => {
		expect(violated(unified, { options: { qaMode } })).toEqual([]);
		expect(violated(unified, { options: { qaMode, operationPriority: 'online' } })).toEqual([]);
	});

	it.each([
		'shop.example',
		'not a url',
		'ftp://shop.example/1',
		`https://a.example/${'x'.repeat(MAX_URL_LENGTH)}`,
	])('refuses a store URL that is none', (storeUrl) => {
		expect(violated(unified, { options: { storeUrl } })).toEqual(['storeUrl']);
	});
});

describe.each([studio, unified])('the rules that $label shares', (generation) => {
	it('accept all six image types', () => {
		expect(IMAGE_TYPES).toHaveLength(6);
		expect(violated(generation, { imageTypes: [...IMAGE_TYPES] })).toEqual([]);
	});

	it('refuse no image type, and one twice', () => {
		expect(violated(generation, { imageTypes: [] })).toEqual(['imageTypes']);
		expect(violated(generation, { imageTypes: ['flat_front', 'flat_front'] })).toEqual([
			'imageTypes',
		]);
	});

	it('refuse an image type that is unknown, and name it', () => {
		const imageTypes: ImageType[] = JSON.parse('["flat_side"]');
		const [violation] = generation.violations(input({ imageTypes }));
		expect(violation).toMatchObject({ parameter: 'imageTypes' });
		expect(violation?.message).toContain('flat_side');
	});

	it('refuse an image URL of 2084 characters', () => {
		const url = (length: number) => 'https://a.example/'.padEnd(length, 'x');
		const images = (length: number) => ({ kind: 'imageUrls' as const, urls: [url(length)] });
		expect(violated(generation, { images: images(2_083) })).toEqual([]);
		expect(violated(generation, { images: images(2_084) })).toEqual(['imageUrls']);
	});

	it.each<[string, CreateOptions, string[]]>([
		['a width without a height', { outputWidth: 5 }, ['outputHeight']],
		['a height without a width', { outputHeight: 5 }, ['outputWidth']],
		['a width of 0', { outputWidth: 0, outputHeight: 5 }, ['outputWidth']],
		['half a pixel', { outputWidth: 5, outputHeight: 5.5 }, ['outputHeight']],
		['a negative padding', { paddingLeft: -1 }, ['paddingLeft']],
		['a colour that is none', { backgroundType: 'reference_color' }, ['backgroundColor']],
		[
			'a colour by name',
			{ backgroundType: 'reference_color', backgroundColor: 'red' },
			['backgroundColor'],
		],
		[
			'a colour of three digits',
			{ backgroundType: 'reference_color', backgroundColor: '#fff' },
			['backgroundColor'],
		],
		['a colour without its type', { backgroundColor: '#ffffff' }, ['backgroundType']],
		[
			'a colour with another type',
			{ backgroundType: 'transparent', backgroundColor: '#ffffff' },
			['backgroundType'],
		],
		['an image without its type', { backgroundImageId: 'a' }, ['backgroundType']],
		['a binary image without its type', { hasBackgroundBinary: true }, ['backgroundType']],
	])('refuse %s', (_, options, parameters) => {
		expect(violated(generation, { options })).toEqual(parameters);
	});

	it.each<[string, CreateOptions]>([
		['nothing', {}],
		['a full layout', LAYOUT],
		['paddings of 0', { paddingTop: 0, paddingBottom: 0, paddingLeft: 0, paddingRight: 0 }],
		['a transparent background', { backgroundType: 'transparent' }],
		['a colour in capitals', { backgroundType: 'reference_color', backgroundColor: '#FFAA00' }],
	])('accept %s', (_, options) => {
		expect(violated(generation, { options })).toEqual([]);
	});

	it('every violation says what to do', () => {
		const broken = { options: { outputWidth: 0, backgroundColor: 'red' }, imageTypes: [] };
		for (const { message, description } of generation.violations(input(broken))) {
			expect(message.length).toBeGreaterThan(10);
			expect(description.length).toBeGreaterThan(10);
		}
	});
});

describe('a reference image behind the product', () => {
	const type: CreateOptions = { backgroundType: 'reference_image' };

	it('is sent to Unified by its ID', () => {
		const options = { ...type, backgroundImageId: 'bg' };
		expect(unified.createBody(input({ options }))).toMatchObject({
			background_settings: { background_type: 'reference_image', reference_image_id: 'bg' },
		});
		expect(violated(unified, { options })).toEqual([]);
	});

	it('may come from a binary field', () => {
		expect(violated(unified, { options: { ...type, hasBackgroundBinary: true } })).toEqual([]);
	});

	it('is refused when it is missing, and when it is given twice', () => {
		const twice = { ...type, backgroundImageId: 'a', hasBackgroundBinary: true };
		expect(violated(unified, { options: type })).toEqual(['backgroundImageId']);
		expect(violated(unified, { options: twice })).toEqual(['backgroundImageId']);
	});

	it('is refused for Studio, which has none', () => {
		const options = { ...type, backgroundImageId: 'bg' };
		expect(violated(studio, { options })).toEqual(['backgroundType']);
	});
});

describe('an option with a fixed set of values', () => {
	it.each([
		[flatLays, { operationPriority: 'soon' }, 'operationPriority'],
		[flatLays, { outputResolution: 'ultra' }, 'outputResolution'],
		[studio, { operationPriority: 'Online' }, 'operationPriority'],
		[studio, { backgroundType: 'green' }, 'backgroundType'],
		[unified, { operationPriority: '' }, 'operationPriority'],
		[unified, { qaMode: 'robot' }, 'qaMode'],
		[unified, { gender: 'woman' }, 'gender'],
		[unified, { ageGroup: 'old' }, 'ageGroup'],
		[unified, { backgroundType: 'green' }, 'backgroundType'],
	])('of $label refuses any other: %j', (generation, options, parameter) => {
		expect(violated(generation, { options })).toEqual([parameter]);
	});

	it.each([
		[flatLays, { operationPriority: 'online', outputResolution: 'high' }],
		[studio, { operationPriority: 'offline', backgroundType: 'arbitrary' }],
		[unified, { qaMode: 'none', gender: 'unisex', ageGroup: 'kids' }],
	])('of $label accepts its own: %j', (generation, options) => {
		expect(violated(generation, { options })).toEqual([]);
	});
});

describe('an operation', () => {
	const IMAGE = { id: 'a', url: 'https://files.example/a', owner_type: 'client' };

	it('of Flat Lays has its images', () => {
		const body = { status: 'SUCCESS', error: null, generated_images: [IMAGE, { id: 'broken' }] };
		expect(readOperation(flatLays, body)).toEqual({
			status: 'SUCCESS',
			state: 'succeeded',
			failureReason: null,
			imageTypes: [],
			images: [IMAGE],
			body,
		});
	});

	it('of Studio has its images in order, each with its type', () => {
		const type = (viewpoint: string) => ({ flat_lay_type: 'flat', viewpoint });
		const body = {
			status: 'SUCCESS',
			generation_result: [
				{ image_type: type('front'), generated_images: [IMAGE, { ...IMAGE, id: 'b' }] },
				{ image_type: type('back'), generated_images: [{ ...IMAGE, id: 'c' }] },
				null,
			],
		};
		expect(readOperation(studio, body)?.images).toEqual([
			{ ...IMAGE, ...type('front') },
			{ ...IMAGE, id: 'b', ...type('front') },
			{ ...IMAGE, id: 'c', ...type('back') },
		]);
	});

	it('of Unified has one image with its type, or none yet', () => {
		const imageType = { flat_lay_type: 'detail', viewpoint: 'back' };
		const body = { status: 'SUCCESS', image_type: imageType, generated_image: IMAGE };
		expect(readOperation(unified, body)?.images).toEqual([{ ...IMAGE, ...imageType }]);
		expect(readOperation(unified, { ...body, generated_image: null })?.images).toEqual([]);
	});

	it.each([flatLays, studio, unified])('of $label may have no results yet', (generation) => {
		expect(readOperation(generation, { status: 'CREATED' })).toMatchObject({
			state: 'running',
			images: [],
			failureReason: null,
		});
	});

	it('that failed has its reason', () => {
		expect(readOperation(flatLays, { status: 'FAILED', error: 'no garment' })).toMatchObject({
			state: 'failed',
			failureReason: 'no garment',
		});
	});

	it.each([null, [], 'SUCCESS', {}, { status: '' }, { status: 5 }, undefined])(
		'is not %j',
		(body) => {
			expect(readOperation(flatLays, body)).toBeUndefined();
		},
	);

	it.each<[unknown, string | undefined]>([
		[{ operation_id: 'op' }, 'op'],
		[{ operation_id: '' }, undefined],
		[{ operation_id: 5 }, undefined],
		[{ id: 'op' }, undefined],
		[null, undefined],
		['op', undefined],
	])('ID of %j is %s', (body, id) => {
		expect(readCreated(body)?.operationId).toBe(id);
	});
});

describe('a status', () => {
	it.each([
		['CREATED', 'running', false],
		['IN_PROGRESS', 'running', false],
		['PAUSED', 'running', false],
		['SUCCESS', 'succeeded', true],
		['FAILED', 'failed', true],
		['CANCELLED', 'failed', true],
		['ABORTED', 'failed', true],
		['success', 'unknown', false],
		['DONE', 'unknown', false],
		['constructor', 'unknown', false],
	])('%s is %s, terminal: %s', (status, state, isFinal) => {
		expect(operationState(status)).toBe(state);
		expect(isTerminal(operationState(status))).toBe(isFinal);
	});
});

describe('a failure', () => {
	it('has the words of its kind, unless it has its own', () => {
		expect(failure('TIMED_OUT').message).toBe(FAILURES.TIMED_OUT.happened);
		expect(failure('TIMED_OUT', 'own words', { operationId: 'op' })).toEqual({
			code: 'TIMED_OUT',
			message: 'own words',
			description: FAILURES.TIMED_OUT.advice,
			operationId: 'op',
		});
	});
});
