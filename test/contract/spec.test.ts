/**
 * The node, the sandbox and the vendor's OpenAPI files agree on every request and every answer. The
 * files are read where they lie beside the project; without them a line in the log says so.
 */
import fc from 'fast-check';

import { describeErrorBody, MAX_DETAIL_LENGTH } from '../../nodes/Aiuta/api/errorBody';
import { readImage, readOperation, type Generation } from '../../nodes/Aiuta/api/generation';
import { GENERATIONS } from '../../nodes/Aiuta/api/generations';
import { readCreated } from '../../nodes/Aiuta/api/requests';
import { operationState } from '../../nodes/Aiuta/api/status';
import type {
	CreateInput,
	CreateOptions,
	ImageReference,
	ImageType,
} from '../../nodes/Aiuta/api/types';
import { mapLimited } from '../../nodes/Aiuta/core/limiter';
import { isJsonObject, type JsonObject, type JsonValue } from '../../nodes/Aiuta/core/json';
import { findSpecs, memberOf, SPEC_APIS } from '../support/spec/spec';
import { leaves, objects, SpecContract, Tally } from '../support/spec/specContract';
import { BACKGROUND_IMAGE_ID, createInputs, IMAGE_ID, sourcesOf } from '../support/spec/specInputs';
import { proseProblems } from '../support/spec/specProse';
import { mutations, schemaVariants, withUnknownFields } from '../support/spec/specSamples';
import { advanceClock, at, Client, plainBody, useSandbox } from '../unit/sandbox.support';

const CREATE_PATH = '/flat_lay_operations';
const GET_PATH = '/flat_lay_operations/{operation_id}';
const UPLOAD_PATH = '/uploaded_images';
const IMAGE_PATH = '/uploaded_images/{image_id}';
const GENERATED_PATH = '/generated_images/{image_id}';
const SKU_PATH = '/sku_items';

const tally = new Tally();
const found = findSpecs();
const contracts =
	found.kind === 'found'
		? SPEC_APIS.map((api) => new SpecContract(api, found.documents[api], tally))
		: [];

/** The one status of an accepted create. */
function createdStatus(contract: SpecContract): number {
	const responses = memberOf(contract.document, 'paths', CREATE_PATH, 'post', 'responses');
	const accepted = Object.keys(responses).filter((status) => status.startsWith('2'));
	expect(accepted).toHaveLength(1);
	return Number(accepted[0]);
}

/** Read a member that is text; empty where it is not. */
function textAt(value: unknown, key: string): string {
	const text = at(value, key);
	return typeof text === 'string' ? text : '';
}

/** Give what is wrong, with the value it is wrong with; few enough to read. */
function wrongOnes<T>(values: readonly T[], problemsOf: (value: T) => string[]) {
	return values
		.map((value) => ({ value, problems: problemsOf(value) }))
		.filter(({ problems }) => problems.length > 0)
		.slice(0, 5);
}

function describeRoutes(contract: SpecContract, generation: Generation): void {
	const statusesOf = (path: string, method: string) =>
		Object.keys(memberOf(contract.document, 'paths', path, method, 'responses'));

	it('is at the base path of the file', () => {
		const [server] = objects(contract.document['servers']);
		expect(textAt(server, 'url')).toMatch(new RegExp(`^https://[^/]+${generation.basePath}$`));
	});

	it('expects the statuses of the file for creates and deletes', () => {
		expect(createdStatus(contract)).toBe(generation.name === 'unified' ? 201 : 200);
		expect(statusesOf(IMAGE_PATH, 'delete')).toContain('204');
		expect(statusesOf(GENERATED_PATH, 'delete')).toContain('204');
	});

	it('asks a path of the file whether a key is good', () => {
		const { pathname } = new URL(generation.probePath, 'http://aiuta.example');
		const path = pathname.startsWith(CREATE_PATH) ? GET_PATH : pathname;
		expect(statusesOf(path, 'get')).toContain('200');
	});

	it('uploads a single part, image_data', () => {
		const upload = contract.request(UPLOAD_PATH, 'multipart/form-data');
		expect(contract.problems(upload, { image_data: 'bytes' })).toEqual([]);
		expect(contract.fields(upload).map(({ path }) => path)).toEqual(['image_data']);
	});
}

function describeRequests(contract: SpecContract, generation: Generation): void {
	const { api } = contract;
	const schema = contract.request(CREATE_PATH);
	const inputs = createInputs(api);
	const bodies = inputs.map((input) => generation.createBody(input));
	const plainInput: CreateInput = {
		images: { kind: 'uploadedImageIds', ids: [IMAGE_ID] },
		product: {},
		options: {},
		imageTypes: ['flat_front'],
	};

	it('builds bodies that fit the schema, without a field that the schema does not name', () => {
		expect(bodies.length).toBeGreaterThan(30);
		expect(wrongOnes(bodies, (body) => contract.problems(schema, body))).toEqual([]);
	});

	it('builds bodies that obey the rules in the descriptions of the file', () => {
		expect(wrongOnes(bodies, (body) => proseProblems(api, body))).toEqual([]);
	});

	it('refuses none of the inputs that its description offers', () => {
		const refusals = (input: CreateInput) =>
			generation.violations(input).map(({ message }) => message);
		expect(wrongOnes(inputs, refusals)).toEqual([]);
	});

	it('sends what the schema requires and no more when nothing but images is given', () => {
		const { required } = contract.resolve(schema);
		const expected = api === 'unified' ? ['image_type', 'product_info'] : required;
		expect(Object.keys(generation.createBody(plainInput)).sort()).toEqual(
			[...(expected as string[])].sort(),
		);
	});

	it.each(contract.fields(schema))('can send $path, and each of its values', ({ path, values }) => {
		const sent = new Set(
			bodies
				.flatMap((body) => leaves(body))
				.flatMap((leaf) => (leaf.path === path ? [leaf.value] : [])),
		);
		expect(sent.size).toBeGreaterThan(0);
		if (values !== undefined) expect([...sent].sort()).toEqual([...values].sort());
	});

	it('refuses every value that the file does not list', () => {
		const foreign: CreateOptions[] = [
			{ operationPriority: 'urgent' },
			{ outputResolution: 'huge' },
			{ qaMode: 'robot', operationPriority: 'offline' },
			{ backgroundType: 'tartan' },
			{ backgroundType: 'reference_image', backgroundImageId: IMAGE_ID },
			{ gender: 'Female' },
			{ ageGroup: 'senior' },
		];
		const passed = foreign.flatMap((options) => {
			if (generation.violations({ ...plainInput, options }).length > 0) return [];
			const problems = contract.problems(schema, generation.createBody({ ...plainInput, options }));
			return problems.length === 0 ? [] : [{ options, problems }];
		});
		expect(passed).toEqual([]);
	});

	it.each(['https://shop.example/кофта', 'https://shop.example/a b', 'https://münchen.example/'])(
		'sends or refuses the store URL %s, but never as what is no URI',
		(storeUrl) => {
			const written = { ...plainInput, options: { storeUrl } };
			const isRefused = generation.violations(written).length > 0;
			const problems = contract.problems(schema, generation.createBody(written));
			expect(isRefused ? [] : problems).toEqual([]);
		},
	);

	it('lets no input through whose body the file would refuse', () => {
		const options = fc.record(doubtfulOptions, { requiredKeys: [] });
		const images = fc.constantFrom(...sourcesOf(api));
		let accepted = 0;
		const property = fc.property(options, doubtfulImageTypes, images, (chosen, types, source) => {
			const input: CreateInput = {
				images: source,
				product: {},
				imageTypes: types,
				options: chosen,
			};
			if (generation.violations(input).length > 0) return;
			accepted += 1;
			for (const ofOne of generation.operationsFor(types)) {
				const body = generation.createBody({ ...input, imageTypes: ofOne });
				const problems = [...contract.problems(schema, body), ...proseProblems(api, body)];
				expect({ body, problems }).toEqual({ body, problems: [] });
			}
		});
		fc.assert(property, { numRuns: 3000, seed: 20 });
		expect(accepted).toBeGreaterThan(50);
	});
}

/** Mostly a good value, now and then one that has to be refused. */
function mostly<T>(good: readonly T[], bad: readonly T[]): fc.Arbitrary<T> {
	return fc.oneof(
		{ weight: 9, arbitrary: fc.constantFrom(...good) },
		{ weight: 1, arbitrary: fc.constantFrom(...bad) },
	);
}

/** Options of every API with values on both sides of their bounds. */
const doubtfulOptions = {
	numberOfGenerations: mostly([1, 4], [0, 5, 2.5, NaN]),
	backgroundType: fc.constantFrom('arbitrary', 'transparent', 'reference_color'),
	backgroundColor: mostly(['#80ff00', '#80FF00'], ['red', '#8f0', '#80ff00aa', '']),
	outputWidth: mostly([1, 1024], [0, 1.5, Infinity]),
	outputHeight: mostly([1, 1024], [-1]),
	paddingTop: mostly([0, 10], [-1, 0.5]),
	qaMode: fc.constantFrom('none', 'auto', 'human'),
	operationPriority: fc.constantFrom('online', 'offline'),
	storeUrl: mostly(
		['https://shop.example/a', 'https://shop.example/a?b=c%20d'],
		['no address', `https://a.example/${'a'.repeat(2083)}`],
	),
};

const doubtfulImageTypes = fc.oneof(
	{ weight: 3, arbitrary: fc.constant<ImageType[]>(['flat_front', 'detail_back']) },
	{
		weight: 1,
		arbitrary: fc.array(
			fc.constantFrom<ImageType>('flat_front', 'detail_front', 'flat_sideways' as ImageType),
			{ maxLength: 7 },
		),
	},
);

function describeBounds(generation: Generation): void {
	const images: ImageReference = { kind: 'uploadedImageIds', ids: [IMAGE_ID] };
	const types: ImageType[] = ['flat_front'];
	const input: CreateInput = { images, product: {}, imageTypes: types, options: {} };
	const refusedParameters = (change: Partial<CreateInput>) =>
		generation.violations({ ...input, ...change }).map(({ parameter }) => parameter);
	const option = (parameter: string, options: CreateOptions) =>
		[JSON.stringify(options), parameter, { options }] as const;
	const shared: Array<readonly [string, string, Partial<CreateInput>]> = [
		['no image type', 'imageTypes', { imageTypes: [] }],
		['a repeated image type', 'imageTypes', { imageTypes: [...types, ...types] }],
		['an unknown image type', 'imageTypes', { imageTypes: ['flat_top' as ImageType] }],
		[
			'seven image types',
			'imageTypes',
			{ imageTypes: Array.from({ length: 7 }, (): ImageType => 'flat_front') },
		],
		[
			'a URL of 2,084 characters',
			'imageUrls',
			{ images: { kind: 'imageUrls', urls: [`https://a.example/${'a'.repeat(2084 - 18)}`] } },
		],
		option('outputWidth', { outputWidth: 0, outputHeight: 1 }),
		option('outputHeight', { outputWidth: 1, outputHeight: 1.5 }),
		option('outputHeight', { outputWidth: 1 }),
		option('paddingTop', { paddingTop: -1 }),
		option('paddingRight', { paddingRight: 0.5 }),
		option('backgroundColor', { backgroundType: 'reference_color' }),
		option('backgroundColor', { backgroundType: 'reference_color', backgroundColor: 'red' }),
		option('backgroundColor', { backgroundType: 'reference_color', backgroundColor: '#8f0' }),
		option('backgroundType', { backgroundColor: '#80ff00' }),
		option('backgroundType', { backgroundType: 'transparent', backgroundColor: '#80ff00' }),
	];
	const own: Record<string, typeof shared> = {
		studio: [0, 5, 1.5].map((count) =>
			option('numberOfGenerations', { numberOfGenerations: count }),
		),
		unified: [
			option('operationPriority', { qaMode: 'human' }),
			option('operationPriority', { qaMode: 'human', operationPriority: 'online' }),
			option('backgroundImageId', { backgroundType: 'reference_image' }),
			option('backgroundType', { backgroundImageId: 'image-1' }),
			option('storeUrl', { storeUrl: 'no address' }),
			option('storeUrl', { storeUrl: `https://a.example/${'a'.repeat(2084 - 18)}` }),
		],
	};
	it.each([...shared, ...(own[generation.name] ?? [])])(
		'refuses %s, naming %s',
		(_title, parameter, change) => {
			expect(refusedParameters(change)).toContain(parameter);
		},
	);
}

/** The images of an operation's body, found by the file's own structure. */
function imagesIn(api: string, body: JsonObject): JsonValue[] {
	switch (api) {
		case 'flatLays':
			return objects(body['generated_images']);
		case 'studio':
			return objects(body['generation_result']).flatMap((result) =>
				objects(result['generated_images']).map((image) => ({
					...image,
					...(isJsonObject(result['image_type']) ? result['image_type'] : {}),
				})),
			);
		default:
			return objects([body['generated_image'] ?? null]).map((image) => ({
				...image,
				...(isJsonObject(body['image_type']) ? body['image_type'] : {}),
			}));
	}
}

/** The types that an operation's body lists beside its images; Studio alone has a list of them. */
function imageTypesIn(api: string, body: JsonObject): JsonValue[] {
	if (api !== 'studio') return [];
	return objects(body['generation_result']).map((result) => {
		const type = isJsonObject(result['image_type']) ? result['image_type'] : {};
		return `${textAt(type, 'flat_lay_type')}_${textAt(type, 'viewpoint')}`;
	});
}

function expectRead(generation: Generation, body: JsonObject): void {
	const status = textAt(body, 'status');
	const running = ['CREATED', 'IN_PROGRESS', 'PAUSED'];
	expect(readOperation(generation, body)).toEqual({
		status,
		state: status === 'SUCCESS' ? 'succeeded' : running.includes(status) ? 'running' : 'failed',
		failureReason: body['error'] ?? null,
		images: imagesIn(generation.name, body),
		imageTypes: imageTypesIn(generation.name, body),
		body,
	});
}

function describeResponses(contract: SpecContract, generation: Generation): void {
	const operationSchema = contract.response('get', GET_PATH, 200);
	const createdSchema = contract.response('post', CREATE_PATH, createdStatus(contract));
	const imageSchemas = [
		contract.response('post', UPLOAD_PATH, 200),
		contract.response('get', IMAGE_PATH, 200),
	];
	const operations = schemaVariants(contract, operationSchema);

	it('reads every operation the schema allows', () => {
		expect(wrongOnes(operations, (body) => contract.problems(operationSchema, body))).toEqual([]);
		const read = operations.filter(isJsonObject);
		expect(read.length).toBeGreaterThan(10);
		expect(read.some((body) => imagesIn(contract.api, body).length > 1)).toBe(
			contract.api !== 'unified',
		);
		read.forEach((body) => expectRead(generation, body));
	});

	it('knows exactly the statuses of the schema', () => {
		const statuses = operations.filter(isJsonObject).map((body) => textAt(body, 'status'));
		expect(new Set(statuses).size).toBe(7);
		expect(statuses.map(operationState)).not.toContain('unknown');
	});

	it('reads operations with fields of the future the same', () => {
		for (const body of operations.map(withUnknownFields).filter(isJsonObject)) {
			expect(readOperation(generation, body)?.images.map(({ id }) => id)).toEqual(
				imagesIn(contract.api, body).map((image) => at(image, 'id')),
			);
		}
	});

	it('takes null for no operation where the schema allows it', () => {
		expect(contract.fits(operationSchema, null)).toBe(contract.api !== 'unified');
		expect(readOperation(generation, null)).toBeUndefined();
	});

	it('reads the answer to a create', () => {
		for (const body of schemaVariants(contract, createdSchema)) {
			expect(contract.problems(createdSchema, body)).toEqual([]);
			expect(readCreated(body)?.operationId).toBe(at(body, 'operation_id'));
			expect(readCreated(withUnknownFields(body))?.operationId).toBe(at(body, 'operation_id'));
		}
	});

	it('reads every image the schema allows, and keeps what it does not know', () => {
		for (const schema of imageSchemas) {
			for (const body of schemaVariants(contract, schema)) {
				expect(contract.problems(schema, body)).toEqual([]);
				expect(readImage(body)).toEqual(body);
				expect(readImage(withUnknownFields(body))).toEqual(withUnknownFields(body));
			}
		}
	});

	const examples = contract.examples([
		operationSchema,
		createdSchema,
		...imageSchemas,
		contract.request(CREATE_PATH),
	]);
	if (examples.length === 0) return;

	it.each(examples)('reads the example of $owner', ({ owner, value }) => {
		const schema = contract.schemaOf(owner);
		// An example of an operation lacks `error`, although the schema requires it: null is meant.
		const completed = isJsonObject(value) && 'status' in value ? { error: null, ...value } : value;
		expect(contract.problems(schema, completed)).toEqual([]);
		if (typeof value === 'string') {
			const [input] = createInputs(contract.api);
			const product = { category: value };
			const body = input === undefined ? {} : generation.createBody({ ...input, product });
			expect(at(body, 'product_info', 'category')).toBe(value);
		} else if (isJsonObject(value) && 'status' in value) {
			expectRead(generation, value);
			expect(readOperation(generation, value)).toMatchObject({ images: [{ viewpoint: 'front' }] });
		} else if (isJsonObject(value) && 'operation_id' in value) {
			expect(readCreated(value)?.operationId).toBe(value['operation_id']);
		} else {
			expect(readImage(value)).toEqual(value);
		}
		tally.examples.add(`${contract.api}:${owner}:${JSON.stringify(value)}`);
	});
}

/** The schemas of errors that a generation's routes answer with. */
function errorSchemas(contract: SpecContract): JsonObject[] {
	const validation = contract.response('get', GET_PATH, 422);
	return contract.api === 'unified'
		? [
				validation,
				contract.response('post', CREATE_PATH, 400),
				contract.response('get', GET_PATH, 404),
			]
		: [validation, contract.response('post', CREATE_PATH, 422)];
}

function describeErrors(contract: SpecContract): void {
	it('makes a sentence of every error body the schemas allow', () => {
		for (const schema of errorSchemas(contract)) {
			for (const body of schemaVariants(contract, schema)) {
				expect(contract.problems(schema, body)).toEqual([]);
				for (const sent of [body, withUnknownFields(body)]) {
					const sentence = describeErrorBody(JSON.stringify(sent));
					const said = [at(body, 'message'), at(body, 'detail', 0, 'msg')].find(
						(text) => text !== undefined,
					);
					if (said === undefined) {
						expect(sentence).toBeUndefined();
						continue;
					}
					expect(sentence).toContain(said);
					expect(sentence).not.toMatch(/[{}[\]\n]|undefined|null|object/);
					expect(sentence?.length).toBeLessThanOrEqual(MAX_DETAIL_LENGTH);
				}
			}
		}
	});

	it('names the field and the reason of a validation error, and the code of an API error', () => {
		const loc = ['body', 'image_types', 0, 'viewpoint'];
		const validation = { detail: [{ loc, msg: 'Input is wrong', type: 'enum' }] };
		expect(contract.problems(contract.named('HTTPValidationError'), validation)).toEqual([]);
		expect(describeErrorBody(JSON.stringify(validation))).toBe(
			'image_types.0.viewpoint: Input is wrong',
		);
		if (contract.api !== 'unified') return;
		const apiError = { code: 'SKU_NOT_READY', message: 'Not yet', details: { sku: ['a'] } };
		expect(contract.problems(contract.named('ApiError'), apiError)).toEqual([]);
		expect(describeErrorBody(JSON.stringify(apiError))).toBe('Not yet (SKU_NOT_READY)');
	});
}

function describeSandbox(contract: SpecContract, generation: Generation): void {
	const { api } = contract;
	const sandbox = useSandbox({ picture: 'cached' });
	const client = () => new Client(sandbox(), api);
	const createSchema = contract.request(CREATE_PATH);
	const operationSchema = contract.response('get', GET_PATH, 200);

	it('answers uploads and reads of images as the file says', async () => {
		const id = await client().upload();
		const read = await client().call('GET', `/uploaded_images/${id}`);
		expect(read.status).toBe(200);
		expect(contract.problems(contract.response('get', IMAGE_PATH, 200), read.json)).toEqual([]);
		const form = new FormData();
		form.append('image_data', new Blob(['no picture']), 'a.png');
		const refused = await client().uploadForm(form);
		expect(refused.status).toBe(422);
		expect(contract.problems(contract.response('post', UPLOAD_PATH, 422), refused.json)).toEqual(
			[],
		);
		expect((await client().call('DELETE', `/uploaded_images/${id}`)).status).toBe(204);
	});

	it.each([
		['', 0, 'CREATED'],
		['', 180_000, 'IN_PROGRESS'],
		['[pause]', 300_000, 'PAUSED'],
		['', 600_000, 'SUCCESS'],
		['[no-image]', 600_000, 'SUCCESS'],
		['[fail]', 600_000, 'FAILED'],
		['[cancel]', 600_000, 'CANCELLED'],
		['[abort]', 600_000, 'ABORTED'],
	])(
		'answers for an operation titled "%s" after %i ms as the file says: %s',
		async (title, byMs, status) => {
			sandbox().configure({ generationMs: 600_000 });
			const id = await client().upload();
			const created = await client().create(plainBody(api, [id], title));
			const createdSchema = contract.response('post', CREATE_PATH, created.status);
			expect(contract.problems(createdSchema, created.json)).toEqual([]);
			advanceClock(byMs);
			const { json } = await client().operation(String(at(created.json, 'operation_id')));
			expect(at(json, 'status')).toBe(status);
			expect(contract.problems(operationSchema, json)).toEqual([]);
		},
	);

	it('answers for an operation with every option as the file says', async () => {
		for (const body of await sentBodies(client(), contract, generation)) {
			const created = await client().create(body);
			expect({ body, status: created.status }).toEqual({ body, status: createdStatus(contract) });
			const { json } = await client().operation(String(at(created.json, 'operation_id')));
			expect(at(json, 'status')).toBe('SUCCESS');
			expect(contract.problems(operationSchema, json)).toEqual([]);
			expect(isJsonObject(json) && readOperation(generation, json)?.images.length).toBeGreaterThan(
				0,
			);
		}
	});

	it('answers for what does not exist as the file says', async () => {
		const { status, json } = await client().operation('00000000-0000-4000-8000-000000000000');
		expect(status).toBe(api === 'unified' ? 404 : 200);
		expect(contract.problems(contract.response('get', GET_PATH, status), json)).toEqual([]);
		const refused = await client().create(plainBody(api, ['no-such-image'], 'x'));
		expect(refused.status).toBe(api === 'unified' ? 400 : 422);
		const schema = contract.response('post', CREATE_PATH, refused.status);
		expect(contract.problems(schema, refused.json)).toEqual([]);
		expect(describeErrorBody(refused.text)).toContain('no-such-image');
	});

	it('accepts a body exactly when the schema and the rules in the descriptions do', async () => {
		const good = await sentBodies(client(), contract, generation);
		const known = new Set(
			sandbox()
				.stats()
				.uploads.map(({ id }) => id),
		);
		// The bodies differ in their product and background; the rest is changed in one of them.
		const differing = ['product_info', 'sku_id', 'background_settings'];
		const changed = good.flatMap((body, index) =>
			index === 0 ? mutations(body) : mutations(body, differing),
		);
		const bodies = [...new Map(changed.map((body) => [JSON.stringify(body), body])).values()];
		const verdicts = { accepted: 0, refused: 0 };
		const disagreements: unknown[] = [];
		await mapLimited(bodies, 8, async (body) => {
			const problems = contract.fits(createSchema, body)
				? proseProblems(api, body, known)
				: ['does not fit the schema'];
			const reply = await client().create(body);
			const isAccepted = reply.status === createdStatus(contract);
			verdicts[isAccepted ? 'accepted' : 'refused'] += 1;
			if (isAccepted !== (problems.length === 0)) {
				disagreements.push({ body, problems, status: reply.status, answer: reply.text });
			}
			if (!isAccepted) expect([400, 422]).toContain(reply.status);
			if (reply.status === 422) {
				expect(contract.problems(contract.named('HTTPValidationError'), reply.json)).toEqual([]);
				expect(describeErrorBody(reply.text)).toMatch(/\w/);
			}
		});
		expect(disagreements.slice(0, 5)).toEqual([]);
		expect(verdicts.accepted).toBeGreaterThan(10);
		expect(verdicts.refused).toBeGreaterThan(50);
	}, 600_000);

	if (api !== 'unified') return;

	it('answers the list of SKUs as the file says', async () => {
		const { status, json } = await client().call('GET', `${SKU_PATH}?limit=1`);
		expect(contract.problems(contract.response('get', SKU_PATH, status), json)).toEqual([]);
		const refused = await client().call('GET', `${SKU_PATH}?limit=501`);
		expect(refused.status).toBe(422);
		expect(contract.problems(contract.response('get', SKU_PATH, 422), refused.json)).toEqual([]);
	});

	it.each([
		['unknown-1', 404],
		['not-ready-1', 409],
	])('answers for the SKU %s as the file says', async (skuId, status) => {
		const imageType = { flat_lay_type: 'flat', viewpoint: 'front' };
		const reply = await client().create({ sku_id: skuId, image_type: imageType });
		expect(reply.status).toBe(status);
		expect(contract.problems(contract.response('post', CREATE_PATH, status), reply.json)).toEqual(
			[],
		);
	});
}

/** The fullest body of each source and background, with images that the sandbox knows. */
async function sentBodies(
	client: Client,
	{ api }: SpecContract,
	generation: Generation,
): Promise<JsonObject[]> {
	const [imageId, backgroundId] = [await client.upload(), await client.upload()];
	const plainTexts = createInputs(api).filter(({ product }) => product.title === 'Dress');
	const byKind = new Map(
		plainTexts.map((input) => {
			const { images, options } = input;
			return [`${images.kind}, ${options.backgroundType ?? 'no background'}`, input];
		}),
	);
	return [...byKind.values()].map((input) => {
		const sent = JSON.stringify(generation.createBody(input))
			.replaceAll(`"${IMAGE_ID}"`, JSON.stringify(imageId))
			.replaceAll(`"${BACKGROUND_IMAGE_ID}"`, JSON.stringify(backgroundId));
		const body: unknown = JSON.parse(sent);
		return memberOf(body);
	});
}

it('says in one line what is left out where the files are missing', () => {
	const missing = findSpecs('no-such-folder');
	expect(missing).toMatchObject({
		kind: 'missing',
		notice: expect.stringMatching(
			/^spec check left out: .*flat-lays.*studio.*unified.*\.\.\/shared\/aiuta/,
		),
	});
	expect(contracts).toHaveLength(found.kind === 'found' ? SPEC_APIS.length : 0);
});

for (const contract of contracts) {
	const generation = GENERATIONS[contract.api];
	describe(`${generation.label}: the node`, () => {
		describeRoutes(contract, generation);
		describeRequests(contract, generation);
		if (contract.api !== 'flatLays') describeBounds(generation);
		describeResponses(contract, generation);
		describeErrors(contract);
	});
	describe(`${generation.label}: the sandbox`, () => describeSandbox(contract, generation));
}

it('reports how much was checked', () => {
	if (found.kind === 'missing') {
		expect(tally.line()).toBe('spec check: 0 schemas, 0 fields, 0 examples');
		console.log(found.notice);
		return;
	}
	console.log(tally.line());
	for (const api of SPEC_APIS) {
		expect([...tally.schemas].some((schema) => schema.startsWith(`${api}:`))).toBe(true);
	}
	expect(tally.examples.size).toBeGreaterThan(0);
});
