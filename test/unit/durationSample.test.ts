/** What the first operations of a run tell about how long the others take. */
import { GenerationSample } from '../../nodes/Aiuta/schedule/durationSample';

function sampleOf(members: number, endedMs: number[] = []): GenerationSample {
	const sample = new GenerationSample();
	for (let index = 0; index < members; index += 1) sample.join();
	for (const durationMs of endedMs) sample.ended(durationMs);
	return sample;
}

describe('a sample of generations', () => {
	it('takes the first six, each with a phase of its own', () => {
		const sample = new GenerationSample();
		const phases = Array.from({ length: 8 }, () => sample.join());
		expect(phases.slice(6)).toEqual([undefined, undefined]);
		const taken = phases.slice(0, 6);
		expect(new Set(taken).size).toBe(6);
		for (const phase of taken) {
			expect(phase).toBeGreaterThanOrEqual(0);
			expect(phase).toBeLessThan(1);
		}
	});

	it.each([
		['nothing has ended', [], undefined],
		['less than half has ended', [10, 20], undefined],
		['half has ended: a multiple of the median', [10, 30, 20], 114],
		['all have ended: the longest', [10, 20, 30, 40, 50, 60], 60],
		['all have ended, one of them very late: the multiple', [10, 10, 10, 12, 12, 900], 38],
	])('tells when one of a thousand has probably ended: %s', (_, endedMs, expected) => {
		const endMs = sampleOf(6, endedMs).probablyEndedMs(1_024);
		expect(endMs).toBe(expected);
	});

	it('expects an end the later the more are pending', () => {
		const sample = sampleOf(6, [10, 20, 30]);
		const ends = [16, 64, 256, 1_024, 4_096].map((pending) => sample.probablyEndedMs(pending) ?? 0);
		expect([...ends].sort((a, b) => a - b)).toEqual(ends);
		expect(ends[0]).toBeGreaterThan(30);
		expect(ends.at(-1)).toBeLessThan(200);
	});

	it('does not wait for a member that is not followed any longer', () => {
		const sample = sampleOf(3, [10]);
		expect(sample.probablyEndedMs(1_024)).toBeUndefined();
		sample.left();
		expect(sample.probablyEndedMs(1_024)).toBe(38);
		sample.left();
		expect(sample.probablyEndedMs(1_024)).toBe(10);
	});

	it('tells nothing when no member is left', () => {
		const sample = sampleOf(1);
		sample.left();
		expect(sample.probablyEndedMs(1_024)).toBeUndefined();
	});

	it('knows whether anything has ended, and how far the durations lie apart', () => {
		expect(sampleOf(6).hasEnds).toBe(false);
		expect(sampleOf(6).spreadMs).toBe(0);
		expect(sampleOf(6, [30, 10, 20]).hasEnds).toBe(true);
		expect(sampleOf(6, [30, 10, 20]).spreadMs).toBe(20);
	});

	it('is misleading once most of the others turn out to take longer, and stays so', () => {
		const sample = sampleOf(6, [1, 1, 1, 1, 1, 1]);
		for (let index = 0; index < 10; index += 1) sample.noteAnswer(false);
		expect(sample.isMisleading).toBe(false);
		for (let index = 0; index < 20; index += 1) sample.noteAnswer(false);
		expect(sample.isMisleading).toBe(true);
		for (let index = 0; index < 100; index += 1) sample.noteAnswer(true);
		expect(sample.isMisleading).toBe(true);
	});

	it('is not misleading while every second question is in vain', () => {
		const sample = sampleOf(6, [1, 1, 1, 1, 1, 1]);
		for (let index = 0; index < 200; index += 1) sample.noteAnswer(index % 2 === 0);
		expect(sample.isMisleading).toBe(false);
	});
});
