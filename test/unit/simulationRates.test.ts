import { EndlessLoad } from '../evidence/simulation/endlessLoad';

const load = (schedulers: number, requestsPerSecond: number, burst = requestsPerSecond) =>
	new EndlessLoad({ schedulers, requestsPerSecond, burst, roundTripMs: 100 });

describe('finding the rate of the server by its 429s alone', () => {
	it.each([
		[1, 1, 0.92],
		[1, 10, 0.97],
		[5, 5, 0.97],
		[20, 20, 0.97],
		// Without a burst every request that comes a moment too early is refused.
		[5, 1, 0.85],
		[20, 1, 0.7],
	])('at %i requests per second and a burst of %i uses at least %f', async (rate, burst, share) => {
		const one = load(1, rate, burst);
		await one.watch(60);
		const settled = await one.watch(120);
		expect(settled.acceptedPerSecond).toBeGreaterThan(share * rate);
		expect(settled.acceptedPerSecond).toBeLessThan(1.02 * rate);
		expect(settled.refusedShare).toBeLessThan(0.12);
	});

	it('follows a drop from 20 to 2 requests per second within a minute', async () => {
		const one = load(1, 20);
		await one.watch(60);
		one.setRate(2);
		await one.watch(60);
		const settled = await one.watch(120);
		expect(settled.acceptedPerSecond).toBeGreaterThan(0.9 * 2);
		expect(settled.refusedShare).toBeLessThan(0.15);
	});

	it('follows a rise from 2 to 20 requests per second within two minutes', async () => {
		const one = load(1, 2, 2);
		await one.watch(60);
		one.setRate(20);
		await one.watch(120);
		expect((await one.watch(60)).acceptedPerSecond).toBeGreaterThan(0.8 * 20);
	});

	it('is back near its rate soon after ten seconds in which all was refused', async () => {
		const one = load(1, 5);
		await one.watch(60);
		one.isDown = true;
		await one.watch(10);
		one.isDown = false;
		await one.watch(10);
		expect((await one.watch(30)).acceptedPerSecond).toBeGreaterThan(0.85 * 5);
	});

	it('sends little to a server that refuses everything', async () => {
		const one = load(1, 5);
		one.isDown = true;
		await one.watch(60);
		one.isDown = false;
		const { acceptedPerSecond } = await one.watch(1);
		expect(acceptedPerSecond).toBeLessThan(5);
	});

	it('lets four processes with one key share what the server allows, none of them starved', async () => {
		const four = load(4, 8);
		await four.watch(120);
		const settled = await four.watch(240);
		expect(settled.acceptedPerSecond).toBeGreaterThan(0.9 * 8);
		expect(settled.refusedShare).toBeLessThan(0.3);
		const fairShare = (8 * 240) / 4;
		for (const accepted of settled.accepted) expect(accepted).toBeGreaterThan(0.25 * fairShare);
	});
});
