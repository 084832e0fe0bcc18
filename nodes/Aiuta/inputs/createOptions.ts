/** Reads the product fields and the Options collection of an operation that is to be created. */
import type { CreateOptions, ImageType, ProductFields } from '../api/types';
import type { Parameters } from './readParameters';

/** Texts that tell Aiuta about the product; what is empty is left out of the request. */
export function readProductFields(parameters: Parameters): ProductFields {
	const fields = {
		productId: parameters.optionalText('productId'),
		category: parameters.optionalText('productCategory'),
		title: parameters.optionalText('productTitle'),
		description: parameters.optionalText('productDescription'),
	};
	return defined(fields);
}

/** An option left untouched is absent: the API's own default applies. */
export function readCreateOptions(parameters: Parameters): CreateOptions {
	const options = parameters.collection('options');
	return defined({
		operationPriority: options.text('operationPriority'),
		outputResolution: options.text('outputResolution'),
		numberOfGenerations: options.number('numberOfGenerations'),
		qaMode: options.text('qaMode'),
		brand: options.text('brand'),
		color: options.text('color'),
		gender: options.text('gender'),
		ageGroup: options.text('ageGroup'),
		storeUrl: options.text('storeUrl'),
		extra: options.object('extra'),
		backgroundType: options.text('backgroundType'),
		backgroundColor: options.text('backgroundColor'),
		backgroundImageId: options.text('backgroundImageId'),
		hasBackgroundBinary: options.has('backgroundBinaryPropertyName') ? true : undefined,
		outputWidth: options.number('outputWidth'),
		outputHeight: options.number('outputHeight'),
		paddingTop: options.number('paddingTop'),
		paddingBottom: options.number('paddingBottom'),
		paddingLeft: options.number('paddingLeft'),
		paddingRight: options.number('paddingRight'),
	});
}

/** Whether the untouched API body is asked for. */
export function readIncludeResponse(parameters: Parameters): boolean {
	return parameters.collection('options').boolean('includeResponse');
}

/** The image types; the API decides later whether they are known. */
export function readImageTypes(parameters: Parameters): ImageType[] {
	const value = parameters.raw('imageTypes');
	return value === undefined ? ['flat_front'] : (parameters.list('imageTypes') as ImageType[]);
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
	const kept = Object.entries(values).filter(([, value]) => value !== undefined);
	return Object.fromEntries(kept) as Defined<T>;
}
