/** Turns a JSON schema into a check whose failures read like the API's 422 details. */
import Ajv, { type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { fieldError, type FieldError } from '../answer';
import { refused, type ApiShape, type Background, type ReadCreate } from './shape';

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
addFormats(ajv);

export type Checked<Body> =
	{ kind: 'valid'; body: Body } | { kind: 'invalid'; errors: FieldError[] };

function toFieldError(error: ErrorObject): FieldError {
	const path: Array<string | number> = error.instancePath
		.split('/')
		.slice(1)
		.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
	const params: Record<string, unknown> = error.params;
	if (error.keyword === 'required') {
		path.push(String(params['missingProperty']));
		return fieldError(path, 'Field required', 'missing');
	}
	if (error.keyword === 'additionalProperties') {
		path.push(String(params['additionalProperty']));
		return fieldError(path, 'Extra inputs are not permitted', 'extra_forbidden');
	}
	return fieldError(path, `Input ${error.message ?? 'is not valid'}`, `${error.keyword}_error`);
}

/** Compile a schema once; the returned check gives the typed body or what is wrong with it. */
export function bodyCheck<Body>(schema: Record<string, unknown>): (body: unknown) => Checked<Body> {
	const validate = ajv.compile<Body>(schema);
	return (body) =>
		validate(body)
			? { kind: 'valid', body }
			: { kind: 'invalid', errors: (validate.errors ?? []).map(toFieldError) };
}

/** Read create bodies by their schema; `read` sees only bodies that keep to it. */
export function checkedCreate<Body>(
	schema: Record<string, unknown>,
	read: (body: Body) => ReadCreate,
): ApiShape['readCreate'] {
	const check = bodyCheck<Body>(schema);
	return (input) => {
		const checked = check(input);
		return checked.kind === 'invalid' ? refused(...checked.errors) : read(checked.body);
	};
}

interface ProductImages {
	image_urls?: string[] | null;
	uploaded_image_ids?: string[] | null;
}

/** Check that a product names its images in exactly one of the two ways. */
export function productImageErrors(product: ProductImages): FieldError[] {
	const given = [product.image_urls, product.uploaded_image_ids].filter((list) => list != null);
	if (given.length === 1) return [];
	return [fieldError(['product_info'], 'Give exactly one of image_urls and uploaded_image_ids')];
}

/** Check that reference colour and image are there exactly when the background type needs them. */
export function backgroundErrors(background: Background | undefined): FieldError[] {
	if (background === undefined) return [];
	const { background_type: type, reference_color: color, reference_image_id: image } = background;
	const errors: FieldError[] = [];
	for (const [field, value, owner] of [
		['reference_color', color, 'reference_color'],
		['reference_image_id', image, 'reference_image'],
	] as const) {
		if ((type === owner) !== (value != null)) {
			const text =
				type === owner
					? `${field} is required for background type ${owner}`
					: `${field} goes with background type ${owner} only`;
			errors.push(fieldError(['background_settings', field], text));
		}
	}
	return errors;
}
