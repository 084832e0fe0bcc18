/** Reads an upload as strictly as the specification describes it: one file part, `image_data`. */
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { fieldError, invalid, type Answer, type FieldError } from './answer';

export const MAX_BODY_BYTES = 50 * 1024 * 1024;
const FIELD = 'image_data';

export interface UploadedFile {
	fileName: string;
	contentType: string;
	bytes: Buffer;
}

export type ReadUpload = { kind: 'file'; file: UploadedFile } | { kind: 'refused'; answer: Answer };

const MISSING = fieldError([FIELD], 'Field required', 'missing');

async function readFile(part: MultipartFile): Promise<UploadedFile> {
	const bytes = await part.toBuffer();
	const fileName: unknown = part.filename;
	return {
		fileName: typeof fileName === 'string' ? fileName : '',
		contentType: part.mimetype,
		bytes,
	};
}

/** Read the parts; anything but exactly one named file under `image_data` is refused with 422. */
export async function readUpload(request: FastifyRequest): Promise<ReadUpload> {
	if (!request.isMultipart()) return { kind: 'refused', answer: invalid(MISSING) };
	const errors: FieldError[] = [];
	let file: UploadedFile | undefined;
	for await (const part of request.parts()) {
		const read = part.type === 'file' ? await readFile(part) : undefined;
		if (part.fieldname !== FIELD || file !== undefined) {
			const text = 'Extra inputs are not permitted';
			errors.push(fieldError([part.fieldname], text, 'extra_forbidden'));
		} else if (read === undefined || read.fileName === '') {
			errors.push(fieldError([FIELD], 'A file with a file name is required', 'value_error'));
		} else {
			file = read;
		}
	}
	if (errors.length === 0 && file === undefined) errors.push(MISSING);
	if (errors.length > 0 || file === undefined) {
		return { kind: 'refused', answer: invalid(...errors) };
	}
	return { kind: 'file', file };
}

/** Refuse bytes that are no picture. */
export function undecodable(): Answer {
	return invalid(fieldError([FIELD], 'The file cannot be read as an image'));
}
