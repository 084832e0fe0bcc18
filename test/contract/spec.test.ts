/**
 * The node, the sandbox and the vendor's OpenAPI files agree on every request and every answer. The
 * files are read where they lie beside the project; without them the notice in the log says so.
 */
import fc from 'fast-check';

import { describeErrorBody, MAX_DETAIL_LENGTH } from '../../nodes/Aiuta/api/errorBody';
import {
	readImage,
	readOperation,
	readOperationId,
	type Generation,
} from '../../nodes/Aiuta/api/generation';
import { GENERATIONS } from '../../nodes/Aiuta/api/generations';
import { KNOWN_STATUSES } from '../../nodes/Aiuta/api/status';
import type { ApiName, CreateInput, CreateOptions } from '../../nodes/Aiuta/api/types';
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../../nodes/Aiuta/core/json';
import { findSpecs, memberOf, SPEC_APIS } from '../support/spec';
import { leaves, objects, SpecContract, Tally } from '../support/specContract';
import {
	BACKGROUND_IMAGE_ID,
	createInputs,
	IMAGE_ID,
	imageTypesOf,
	optionFieldsOf,
	optionSetsOf,
	sourcesOf,
	UNICODE_TEXT,
} from '../support/specInputs';
import { proseProblems } from '../support/specProse';
import { mutations, schemaVariants, withUnknownFields } from '../support/specSamples';
import { advanceClock, at, Client, plainBody, useSandbox } from '../unit/sandbox.support';

const CREATE_PATH = '/flat_lay_operations';
const GET_PATH = '/flat_lay_operations/{operation_id}';
const UPLOAD_PATH = '/uploaded_images';
const IMAGE_PATH = '/uploaded_images/{image_id}';
const GENERATED_PATH = '/generated_images/{image_id}';

const found = findSpecs();
const tally = new Tally();

it('says in one line what is left out where the files are missing', () => {
	const missing = findSpecs('no-such-folder');
	expect(missing).toMatchObject({
		kind: 'missing',
		notice: expect.stringMatching(/^spec check left out: .*flat-lays.*studio.*unified/) as string,
	});
});

function contractOf(api: ApiName, document: JsonObject): SpecContract {
	return new SpecContract(api, document, tally);
}

/** Bodies of inputs that the node does not refuse. */
function acceptedBodies(generation: Generation): JsonObject[] {
	return createInputs(generation.name)
		.filter((input) => generation.violations(input).length === 0)
		.map((input) => generation.createBody(input));
}

function describeRoutes(contract: SpecContract, generation: Generation): void {
	it('the base path, and the statuses of an accepted create and of deletes, are those of the file', () => {
		const [server] = objects(contract.document['servers']);
		expect(new URL(String(server?.['url'])).pathname).toBe(generation.basePath);
		const statuses = (path: string, method: string) =>
			Object.keys(memberOf(contract.document, 'paths', path, method, 'responses'));
		expect(statuses(CREATE_PATH, 'post').filter((status) => status.startsWith('2'))).toEqual([
			String(generation.createdStatus),
		]);
		for (const path of [IMAGE_PATH, GENERATED_PATH]) {
			expect(statuses(path, 'delete')).toContain('204');
		}
	});

	it('the file knows the path that tells a good key', () => {
		const path = generation.probePath.split('?')[0]?.replace(/operations\/.*/, 'operations/{operation_id}');
		expect(memberOf(contract.document, 'paths', String(path), 'get')).toBeDefined();
	});

	it('the upload has one part, image_data, a file', () => {
		const upload = contract.request(UPLOAD_PATH, 'multipart/form-data');
		expect(contract.problems(upload, { image_data: 'bytes' })).toEqual([]);
		expect(contract.fields(upload)).toMatchObject([{ path: 'image_data' }]);
	});
}

function describeRequests(contract: SpecContract, generation: Generation): void {
	const { api } = contract;
	const schema = contract.request(CREATE_PATH);

	it('every body the node builds fits the schema, with no field the schema does not name', () => {
		const inputs = createInputs(api);
		const wrong = inputs.flatMap((input) => {
			const problems = contract.problems(schema, generation.createBody(input));
			return problems.length === 0 ? [] : [{ problems, input }];
		});
		expect(wrong.slice(0, 5)).toEqual([]);
		expect(inputs.length).toBeGreaterThan(20);
	});

	it('every body the node does not refuse obeys the rules in the descriptions', () => {
		const wrong = acceptedBodies(generation).flatMap((body) => {
			const problems = proseProblems(api, body);
			return problems.length === 0 ? [] : [{ problems, body }];
		});
		expect(wrong.slice(0, 5)).toEqual([]);
	});

	it('every value the description offers is usable: no option set is refused', () => {
		const [images] = sourcesOf(api);
		const [imageTypes = []] = imageTypesOf(api);
		for (const options of images === undefined ? [] : optionSetsOf(api)) {
			expect({ options, refused: generation.violations({ images: images ?? never(), product: {}, imageTypes, options }) })
				.toEqual({ options, refused: [] });
		}
	});

	const reached = new Map<string, Set<JsonValue>>();
	for (const body of acceptedBodies(generation)) {
		for (const { path, value } of leaves(body)) {
			reached.set(path, (reached.get(path) ?? new Set<JsonValue>()).add(value));
		}
	}

	it.each(contract.fields(schema))('the field $path can be sent, with each of its values', ({ path, values }) => {
		const sent = reached.get(path);
		expect(sent).toBeDefined();
		if (values !== undefined) expect([...(sent ?? [])].sort()).toEqual([...values].sort());
	});
}

function never(): never {
	throw new Error('There is no source of images');
}
