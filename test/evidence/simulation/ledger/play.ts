/** Plays one scenario of the ledger's protocol to its end and says which rules were broken. */
import { failure } from '../../../../nodes/Aiuta/api/failures';
import { Ledger } from '../../../../nodes/Aiuta/batch/ledger';
import {
	attemptsOf,
	byJob,
	jobKey,
	type Attempt,
	type LedgerRow,
} from '../../../../nodes/Aiuta/batch/ledgerRows';
import type { Claimed, Job, KnownJob } from '../../../../nodes/Aiuta/batch/records';
import { MINUTE_MS, SECOND_MS } from '../../../../nodes/Aiuta/core/clock';
import { mapLimited } from '../../../../nodes/Aiuta/core/limiter';
import { Random } from '../../../support/random';
import { FakeClock } from '../../../support/time/fakeClock';
import type { ExecutionPlan, LedgerScenario } from './scenario';
import { SimulatedTable } from './table';

const LIMIT_MS = 24 * 60 * MINUTE_MS;
/** An ID is committed a second after it was received, and this is what an insert takes at most. */
const COMMIT_WITHIN_MS = SECOND_MS;

/** What a create whose turn has come waits for younger claims, and the calls that it may wait for. */
const WATCH_WITHIN_MS = 3.2 * SECOND_MS;
const CALLS_IN_A_TURN = 20;

interface Created {
	job: string;
	operationId: string;
	/** The execution that has sent the create. */
	run: string;
	plan: ExecutionPlan;
	acceptedAtMs: number;
	receivedAtMs: number | undefined;
}

interface LedgerResult {
	violations: string[];
	creates: number;
	/** Jobs that end as unknown. */
	unknown: number;
}

class LedgerWorld {
	readonly clock: FakeClock;

	readonly table: SimulatedTable;

	readonly creates: Created[] = [];

	readonly violations: string[] = [];

	/** Rows that an execution has reported as lost, by operation ID. */
	readonly reportedLost = new Set<string>();

	readonly deadSinceMs = new Map<string, number>();

	readonly random: Random;

	isOver = false;

	constructor(
		readonly scenario: LedgerScenario,
		private readonly log: (line: string) => void,
	) {
		this.random = new Random(scenario.seed + 1_000_000);
		this.clock = new FakeClock(Date.UTC(2026, 0, 1, 12), () => this.random.next());
		this.table = new SimulatedTable(this.clock, this.random, scenario.faults, (ids) => {
			this.checkRemoval(ids);
		});
	}

	say(line: string): void {
		this.log(`${((this.clock.now() - Date.UTC(2026, 0, 1, 12)) / 1000).toFixed(3)} ${line}`);
	}

	report(text: string): void {
		this.say(`VIOLATION ${text}`);
		this.violations.push(text);
	}

	attempts(job: string): Attempt[] {
		const rows = byJob(this.table.all()).get(job) ?? [];
		return attemptsOf(rows, this.clock.now() + this.scenario.faults.skewMs);
	}

	/** What is removed must not have meant anything. */
	private checkRemoval(ids: readonly number[]): void {
		const meaning = (rows: readonly LedgerRow[]) =>
			[...byJob(rows).values()]
				.flatMap((own) =>
					attemptsOf(own, this.clock.now() + this.scenario.faults.skewMs)
						.filter(({ state }) => state !== 'released')
						.map(({ key, state, row }) => `${key} ${state} ${row.operation_id}`),
				)
				.sort();
		const before = meaning(this.table.all());
		const after = meaning(this.table.all().filter(({ id }) => !ids.includes(id)));
		if (JSON.stringify(before) !== JSON.stringify(after)) {
			const gone = before.filter((one) => !after.includes(one));
			this.report(`foreign or needed rows were removed: ${gone.join('; ')}`);
		}
	}
}

type Answer = { kind: 'created'; operationId: string } | { kind: 'refused' } | { kind: 'unknown' };

class SimulatedRun {
	private isDead = false;

	private isCommitting = true;

	readonly run: string;

	constructor(
		private readonly world: LedgerWorld,
		private readonly plan: ExecutionPlan,
		number: number,
	) {
		this.run = `${number}.0`;
	}

	async play(): Promise<void> {
		const { clock } = this.world;
		await clock.wakeAt(clock.now() + this.plan.startMs);
		const work = this.work();
		if (this.plan.killAfterMs === undefined) {
			await work;
			return;
		}
		const killAtMs = clock.now() + this.plan.killAfterMs;
		await Promise.race([work, clock.wakeAt(killAtMs)]);
		this.isDead = this.isCommitting;
		if (this.isDead) this.world.deadSinceMs.set(this.run, clock.now());
		this.world.say(`${this.run} ${this.isDead ? 'is killed' : 'has ended'}`);
		// Nothing that the dead one waits for may come to it, so nobody waits for it.
	}

	private async work(): Promise<void> {
		const { world, plan } = this;
		const ledger = new Ledger(
			{
				table: world.table.connect(() => this.isDead),
				clock: { ...clockOf(world.clock, () => this.isDead) },
				isStopped: () => this.isDead,
				onLost: (row) => world.reportedLost.add(row.operation_id),
			},
			{
				whenKnown: plan.whenKnown,
				limits: { perDay: world.scenario.perDay, perMonth: 0 },
				run: this.run,
			},
		);
		const jobs = plan.products.map((product) => this.jobOf(product));
		const problem = await ledger.view.open(jobs.map(jobKey));
		if (problem === undefined) {
			await this.pause(plan.busyMs);
			await mapLimited(jobs, plan.maxInFlight, async (job) => {
				const end = await this.make(ledger, job);
				ledger.leave(job);
				world.say(`${this.run} ${job.productId}: ${JSON.stringify(end)}`);
				this.checkEnd(job, end);
			});
			await ledger.close();
		}
		this.isCommitting = false;
	}

	private jobOf(product: number): Job {
		return {
			api: 'flatLays',
			productId: `P${product}`,
			imageTypes: [],
			inputs: { fields: `f${this.plan.inputs}`, photos: undefined },
		};
	}

	private async make(ledger: Ledger, job: Job): Promise<KnownJob> {
		const { clock, random } = this.world;
		let known = await ledger.lookUp(job);
		if (known === undefined) {
			await this.pause(random.between(0, 500));
			const claimed = await this.claim(ledger, job);
			if (claimed.kind === 'go') {
				const answer = await this.send(job);
				if (answer.kind === 'refused') {
					ledger.released(job);
					return { kind: 'unknown', failure: failure('CREATE_REFUSED') };
				}
				if (answer.kind === 'unknown') {
					ledger.unknown(job, 'no answer');
					return { kind: 'unknown', failure: failure('CREATE_OUTCOME_UNKNOWN') };
				}
				ledger.created(job, answer.operationId);
				known = {
					kind: 'exists',
					operationId: answer.operationId,
					inputsChanged: false,
					fromLedger: false,
				};
			} else known = claimed;
		}
		if (known.kind !== 'exists') return known;
		await this.pause(random.between(0, 30 * SECOND_MS));
		if (this.isDead) return await new Promise(() => undefined);
		const isGood = random.chance(0.9);
		ledger.ended(job, known.operationId, {
			status: isGood ? 'SUCCESS' : 'FAILED',
			failureReason: isGood ? null : 'blurred',
			imageUrl: isGood ? `https://pictures.example/${clock.now()}.png` : undefined,
		});
		return known;
	}

	/** As the engine does: it waits for others before its turn, and for nobody once its turn has come. */
	private async claim(ledger: Ledger, job: Job): Promise<Exclude<Claimed, { kind: 'again' }>> {
		for (;;) {
			const known = await ledger.waitForOthers(job);
			if (known !== undefined) return known;
			await this.pause(this.world.random.between(0, 500));
			const startMs = this.world.clock.now();
			const claimed = await ledger.claim(job);
			this.checkTurn(job, this.world.clock.now() - startMs);
			if (claimed.kind !== 'again') return claimed;
		}
	}

	/** A slot of the scheduler is held for no longer than the table takes, and a moment for younger claims. */
	private checkTurn(job: Job, heldMs: number): void {
		const { table } = this.world;
		if (heldMs > WATCH_WITHIN_MS + CALLS_IN_A_TURN * table.longestCallMs) {
			this.world.report(`the turn of ${job.productId} was held for ${heldMs} ms`);
		}
	}

	private async pause(delayMs: number): Promise<void> {
		const { clock } = this.world;
		await clock.wakeAt(clock.now() + delayMs);
		if (this.isDead) await new Promise(() => undefined);
	}

	/** The create leaves; whether it is accepted does not depend on the sender any more. */
	private async send(job: Job): Promise<Answer> {
		const { world } = this;
		const { clock, random, scenario } = world;
		const key = jobKey(job);
		if (this.isDead) return await new Promise<never>(() => undefined);
		const claims = world.attempts(key).filter((attempt) => attempt.key.startsWith(`${this.run} `));
		if (!claims.some(({ state }) => state === 'open')) {
			world.report(`${this.run}: a create of ${job.productId} left without a committed claim`);
		}
		await clock.wakeAt(clock.now() + random.between(0, scenario.maxAnswerMs / 2));
		if (random.chance(scenario.refusedShare)) {
			await this.pause(random.between(0, scenario.maxAnswerMs / 2));
			return { kind: 'refused' };
		}
		const created: Created = {
			job: key,
			operationId: `op-${world.creates.length + 1}`,
			run: this.run,
			plan: this.plan,
			acceptedAtMs: clock.now(),
			receivedAtMs: undefined,
		};
		checkCreate(world, created);
		world.creates.push(created);
		world.say(`${this.run} ${job.productId} is accepted as ${created.operationId}`);
		await this.pause(random.between(0, scenario.maxAnswerMs / 2));
		if (random.chance(scenario.unansweredShare)) return { kind: 'unknown' };
		created.receivedAtMs = clock.now();
		return { kind: 'created', operationId: created.operationId };
	}

	/** What an item gets must exist, and be of its product; what is known to the table is not unknown. */
	private checkEnd(job: Job, end: KnownJob): void {
		if (end.kind === 'unknown' && end.failure.code === 'CREATE_OUTCOME_UNKNOWN') {
			const attempts = this.world.attempts(jobKey(job));
			const isUnknown = attempts.some(({ state }) => state === 'unknown' || state === 'open');
			const isSettledMeanwhile = this.world.scenario.editEveryMs !== undefined;
			if (!isUnknown && !isSettledMeanwhile) this.world.report(`${job.productId} is not unknown`);
		}
		if (end.kind !== 'exists' && end.kind !== 'failed') return;
		const created = this.world.creates.find((one) => one.operationId === end.operationId);
		if (created?.job !== jobKey(job)) this.world.report(`${job.productId} got a foreign operation`);
	}
}

function clockOf(clock: FakeClock, isDead: () => boolean) {
	return {
		now: () => clock.now(),
		random: () => clock.random(),
		sleep: async (delayMs: number) => {
			await clock.wakeAt(clock.now() + delayMs);
			if (isDead()) await new Promise(() => undefined);
		},
	};
}

/** A job is paid for once, unless a run was told to generate it again or its inputs have changed. */
function checkCreate(world: LedgerWorld, created: Created): void {
	const earlier = world.creates.filter(({ job }) => job === created.job);
	const isAllowed = (before: Created) =>
		before.run !== created.run &&
		(created.plan.whenKnown === 'generateAgain' ||
			(created.plan.whenKnown === 'returnUnlessChanged' &&
				before.plan.inputs !== created.plan.inputs));
	const twice = earlier.find((before) => !isAllowed(before));
	if (twice !== undefined) {
		world.report(
			`paid twice: ${created.operationId} of ${created.run} after ${twice.operationId} of ${twice.run}`,
		);
	}
}

/** A user who settles what is unknown, by what Aiuta's account says. */
async function edit(world: LedgerWorld, everyMs: number): Promise<void> {
	while (!world.isOver) {
		await world.clock.wakeAt(world.clock.now() + everyMs);
		for (const job of byJob(world.table.all()).keys()) {
			const unknown = world.attempts(job).find(({ state }) => state === 'unknown');
			if (unknown === undefined) continue;
			const [run = ''] = unknown.key.split(' ');
			const known = new Set(world.table.all().map((row) => row.operation_id));
			const found = world.creates.find(
				(one) => one.job === job && one.run === run && !known.has(one.operationId),
			);
			world.say(`the user settles ${unknown.key} as ${found?.operationId ?? 'nothing'}`);
			if (found !== undefined) {
				world.table.rows.set(unknown.row.id, {
					...unknown.row,
					operation_id: found.operationId,
				});
			} else
				for (const row of [unknown.row, ...unknown.superseded]) world.table.rows.delete(row.id);
		}
	}
}

/** An ID that was received stands in the table at the end, unless its process died within a second. */
function checkIds(world: LedgerWorld): void {
	const known = new Set(world.table.all().map((row) => row.operation_id));
	for (const { operationId, run, receivedAtMs } of world.creates) {
		if (receivedAtMs === undefined || known.has(operationId)) continue;
		const deadSinceMs = world.deadSinceMs.get(run);
		if (world.reportedLost.has(operationId)) continue;
		const committedByMs = receivedAtMs + COMMIT_WITHIN_MS + 2 * world.table.longestCallMs;
		const isExcused =
			deadSinceMs !== undefined && (deadSinceMs < committedByMs || world.table.failures > 0);
		if (!isExcused) world.report(`lost ID: ${operationId} of ${run}`);
	}
}

function checkClaims(world: LedgerWorld): void {
	for (const job of byJob(world.table.all()).keys()) {
		for (const { key, state, row } of world.attempts(job)) {
			// One that a person has settled with an ID is an operation, whatever its state says.
			if (row.state === 'claimed' && state !== 'operation')
				world.report(`open claim left behind: ${key}`);
		}
	}
}

function checkBudget(world: LedgerWorld, jobs: number): void {
	const { perDay } = world.scenario;
	if (perDay === 0) return;
	if (world.creates.length > perDay) {
		world.report(`${world.creates.length} creates, ${perDay} allowed`);
	}
	const isSmooth =
		world.scenario.faults.failShare === 0 &&
		world.scenario.refusedShare === 0 &&
		world.deadSinceMs.size === 0;
	if (isSmooth && world.creates.length < Math.min(perDay, jobs)) {
		world.report(`only ${world.creates.length} creates of ${perDay} allowed, ${jobs} jobs`);
	}
}

/** Play a scenario; after its executions, once all claims are old, one more finds out what holds. */
export async function playLedger(
	scenario: LedgerScenario,
	log: (line: string) => void = () => undefined,
): Promise<LedgerResult> {
	const world = new LedgerWorld(scenario, log);
	const products = [...new Set(scenario.executions.flatMap((plan) => plan.products))];
	const last: ExecutionPlan = {
		startMs: 5 * MINUTE_MS,
		busyMs: 0,
		products,
		whenKnown: 'return',
		inputs: 1,
		killAfterMs: undefined,
		maxInFlight: 5,
	};
	const playAll = async () => {
		const runs = scenario.executions.map((plan, index) => new SimulatedRun(world, plan, index + 1));
		const editing =
			scenario.editEveryMs === undefined ? undefined : edit(world, scenario.editEveryMs);
		await Promise.all(runs.map(async (run) => await run.play()));
		world.isOver = true;
		await editing;
		Object.assign(world.table.faults, { failShare: 0, slowShare: 0 });
		await new SimulatedRun(world, last, runs.length + 1).play();
	};
	try {
		await world.clock.run(playAll(), LIMIT_MS);
	} catch (error) {
		world.report(`hang: ${error instanceof Error ? error.message : String(error)}`);
	}
	checkIds(world);
	checkClaims(world);
	checkBudget(world, products.length);
	const unknown = [...byJob(world.table.all()).keys()].filter((job) =>
		world.attempts(job).some(({ state }) => state === 'unknown'),
	).length;
	return { violations: world.violations, creates: world.creates.length, unknown };
}
