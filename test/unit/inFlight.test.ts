import { InFlight } from '../../nodes/Aiuta/schedule/inFlight';
import type { RequestKind } from '../../nodes/Aiuta/schedule/queue';

const MEGABYTE = 1024 * 1024;
const FAST = 100;

/** How many of a kind may be on their way at once, at 100 requests/s. */
function capacity(inFlight: InFlight, kind: RequestKind): number {
	let count = 0;
	while (inFlight.hasRoom(kind, FAST)) {
		inFlight.add(kind);
		count += 1;
	}
	return count;
}

describe('what may be on its way at once', () => {
	it('is 48 uploads while photos are small', () => {
		const inFlight = new InFlight();
		inFlight.noteUploadSize(MEGABYTE / 4);
		expect(capacity(inFlight, 'upload')).toBe(48);
	});

	it('is what fits into 32 MB when photos are large', () => {
		const inFlight = new InFlight();
		inFlight.noteUploadSize(4 * MEGABYTE);
		expect(capacity(inFlight, 'upload')).toBe(8);
	});

	it('is 4 uploads however large the photos are', () => {
		const inFlight = new InFlight();
		inFlight.noteUploadSize(50 * MEGABYTE);
		expect(capacity(inFlight, 'upload')).toBe(4);
	});

	it('shrinks with the first large photo and grows back by and by', () => {
		const inFlight = new InFlight();
		inFlight.noteUploadSize(MEGABYTE);
		inFlight.noteUploadSize(16 * MEGABYTE);
		expect(capacity(inFlight, 'upload')).toBe(4);
		for (let photos = 0; photos < 20; photos += 1) inFlight.noteUploadSize(MEGABYTE);
		expect(inFlight.hasRoom('upload', FAST)).toBe(true);
	});

	it('does not let the size of photos hold back creates and polls', () => {
		const inFlight = new InFlight();
		inFlight.noteUploadSize(50 * MEGABYTE);
		expect(capacity(inFlight, 'create')).toBeGreaterThan(32);
		expect(capacity(inFlight, 'poll')).toBeGreaterThan(32);
	});
});
