/**
 * Stopping an execution, on n8n's own clock: it ends at once, what is paid for keeps its ID, and a
 * second after the last one no timer is left.
 */
import type { Clock } from '../../nodes/Aiuta/core/clock';
import type { FaultEffect, RouteKind } from '../sandbox';
import { sleepersNow } from '../support/time/fastClock';
import type { RunOptions, RunResult } from '../support/n8n/host';
import {
	errorOf,
	errorText,
	failedItems,
	generate,
	operationIdOf,
	idsReceived,
	ON_ERROR,
	products,
	until,
	untilGenerated,
	useBench,
} from './engine.support';

jest.mock('../../nodes/Aiuta/transport/hostClock', () => {
	const path = '../../nodes/Aiuta/transport/hostClock';
	const { hostClock } = jest.requireActual<{ hostClock: Clock }>(path);
	const { counted } = jest.requireActual<{ counted: (clock: Clock) => Clock }>(
		'../support/time/fastClock',
	);
	return { hostClock: counted(hostClock) };
});

const bench = useBench();

/** A slice of a sleep is a second; the rest is for a busy machine. */
const GONE_AFTER_MS = 1_500;

afterAll(async () => {
	const lastEndMs = Date.now();
	await until(() => sleepersNow() === 0);
	expect(Date.now() - lastEndMs).toBeLessThan(GONE_AFTER_MS);
});

/** "At once": a second for the slice of a sleep, and what a busy machine adds. */
const AT_ONCE_MS = 1_500;

interface Stopped extends RunResult {
	/** From the stop to the end of the run. */
	tookMs: number;
}

/** Start a run, stop it as soon as `when` holds, and see it to its end. */
async function stopWhen(when: () => boolean, options: Partial<RunOptions>): Promise<Stopped> {
	let cancel: () => void = () => undefined;
	const running = bench().run({
		parameters: generate(),
		...options,
		onStart: (stop) => (cancel = stop),
	});
	await until(when);
	const stoppedAtMs = Date.now();
	cancel();
	const result = await running;
	const tookMs = Date.now() - stoppedAtMs;
	const { requests } = bench().sandbox.stats();
	await roundTrip();
	expect(bench().sandbox.stats().requests).toBe(requests);
	return { ...result, tookMs };
}

/** Whatever has left for the sandbox by now has arrived there afterwards. */
async function roundTrip(): Promise<void> {
	await fetch(`${bench().sandbox.url}/__sandbox/options`);
}

function isUnderWay(route: RouteKind): () => boolean {
	return () => bench().sandbox.stats().routes[route].requests > 0;
}

function hang(route: RouteKind, when: 'before' | 'after' = 'before'): void {
	const effect: FaultEffect = { kind: 'hang' };
	bench().sandbox.fault({ route, when, effect });
}

describe.each(ON_ERROR)('under %s', (onError) => {
	it('a stop while polls are waited for ends the run at once and keeps the IDs', async () => {
		const stopped = await stopWhen(() => idsReceived(bench()) === 2, {
			items: await products(2, () => '[forever]'),
			onError,
		});

		expect(stopped.tookMs).toBeLessThan(AT_ONCE_MS);
		expect(stopped.run.status).toBe('canceled');
		const { creates } = bench().sandbox.stats();
		expect(creates).toHaveLength(2);
		const { contextData } = stopped.run.data.executionData ?? {};
		const logged = bench().log.filter(({ level }) => level === 'info');
		for (const { operationId } of creates) {
			expect(JSON.stringify(contextData)).toContain(operationId);
			expect(logged.filter(({ message }) => message.includes(operationId))).toHaveLength(1);
		}
		if (onError === 'stopWorkflow') {
			expect(stopped.success).toEqual([]);
			expect(stopped.error?.message).toContain('canceled');
			for (const { operationId } of creates) {
				expect(errorText(stopped)).toContain(operationId);
			}
		} else {
			const errors = failedItems(stopped).map(errorOf);
			expect(errors).toMatchObject([
				{ code: 'CANCELLED', product_id: 'P0' },
				{ code: 'CANCELLED', product_id: 'P1' },
			]);
			expect(errors.map((error) => error['operation_id']).sort()).toEqual(
				creates.map(({ operationId }) => operationId).sort(),
			);
		}
	});

	it('a stop while an upload hangs ends the run at once, and nothing is created', async () => {
		hang('upload');
		const stopped = await stopWhen(isUnderWay('upload'), { items: await products(3), onError });

		expect(stopped.tookMs).toBeLessThan(AT_ONCE_MS);
		expect(stopped.run.status).toBe('canceled');
		expect(bench().sandbox.stats().routes.create.requests).toBe(0);
		expect(bench().sandbox.stats().routes.upload.requests).toBe(1);
		if (onError !== 'stopWorkflow') {
			expect(failedItems(stopped).map((item) => errorOf(item)['code'])).toEqual([
				'CANCELLED',
				'CANCELLED',
				'CANCELLED',
			]);
		}
	});

	it.each(['before', 'after'] as const)(
		'a create on its way, stopped %s it took effect, may have been accepted and stays so',
		async (when) => {
			hang('create', when);
			const stopped = await stopWhen(isUnderWay('create'), { items: await products(1), onError });

			expect(stopped.tookMs).toBeLessThan(AT_ONCE_MS);
			expect(stopped.run.status).toBe('canceled');
			if (onError === 'stopWorkflow') {
				expect(errorText(stopped)).toContain('may have been accepted');
			} else {
				expect(failedItems(stopped).map(errorOf)).toMatchObject([
					{
						code: 'CREATE_OUTCOME_UNKNOWN',
						message: expect.stringContaining('may have been accepted'),
						retryable: false,
					},
				]);
			}
			expect(bench().sandbox.stats().routes.create.requests).toBe(1);
		},
	);

	it('a stop before the node begins means no request', async () => {
		const { run, success, failed, error } = await bench().run({
			items: await products(2),
			parameters: generate(),
			onError,
			onStart: (cancel) => cancel(),
		});
		expect(run.status).toBe('canceled');
		expect(bench().sandbox.stats().requests).toBe(0);
		if (onError === 'stopWorkflow') expect(error?.message).toContain('canceled');
		else expect([...success, ...failed].map((item) => errorOf(item)['code'])).toHaveLength(2);
	});

	it('a stop of Wait for Operation hands out what is finished under Continue', async () => {
		const created = await bench().run({
			items: await products(2, (index) => (index === 0 ? '' : '[forever]')),
			parameters: generate({ operation: 'create', imageSource: 'binary' }),
		});
		const [finished, running] = created.success.map(operationIdOf);
		await untilGenerated(bench(), [finished]);
		const storedBefore = bench().storedBinaries();
		const isHandedOut = () => bench().storedBinaries() > storedBefore && polls() >= 2;
		const stopped = await stopWhen(isHandedOut, {
			items: created.success.map(({ json }) => ({ json })),
			parameters: { operation: 'wait', operationId: '={{ $json.operation_id }}' },
			onError,
		});
		expect(stopped.tookMs).toBeLessThan(AT_ONCE_MS);
		if (onError === 'stopWorkflow') {
			expect(errorText(stopped)).toContain(running);
		} else {
			const done = stopped.success.filter(({ json }) => json['finished'] === true);
			expect(done.map(({ json }) => json['operation_id'])).toEqual([finished]);
			expect(failedItems(stopped).map(errorOf)).toMatchObject([
				{ code: 'CANCELLED', operation_id: running },
			]);
		}
	});
});

it('a create that was on its way when the run was stopped is not sent again by Retry', async () => {
	hang('create', 'after');
	const stopped = await stopWhen(isUnderWay('create'), { items: await products(1) });
	bench().sandbox.clearFaults();
	const retried = await stopped.retry();
	expect(retried.error?.message).toContain('may have been accepted');
	expect(bench().sandbox.stats().routes.create.requests).toBe(1);
});

function polls(): number {
	return bench().sandbox.stats().routes.getOperation.requests;
}

it('a stop while a picture is downloaded keeps its URL and its operation', async () => {
	const created = await bench().run({
		items: await products(1),
		parameters: generate({ operation: 'create', imageSource: 'binary' }),
	});
	await untilGenerated(bench(), created.success.map(operationIdOf));
	hang('file');
	const stopped = await stopWhen(isUnderWay('file'), {
		items: created.success.map(({ json }) => ({ json })),
		parameters: { operation: 'wait', operationId: '={{ $json.operation_id }}' },
		onError: 'continueRegularOutput',
	});
	expect(stopped.tookMs).toBeLessThan(AT_ONCE_MS);
	expect(errorOf(stopped.success[0])).toMatchObject({
		operation_id: created.success[0]?.json['operation_id'],
		generated_images: [{ url: expect.stringContaining(bench().sandbox.filesUrl) }],
	});
});
