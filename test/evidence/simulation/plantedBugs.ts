/**
 * Checks the simulation itself: plants one bug at a time in a copy of the engine's source and expects
 * the simulation to notice. A bug whose place is not found exactly once is an error, so that the list
 * cannot rot.
 */
import { spawn } from 'child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join, resolve } from 'path';

const ROOT_DIR = resolve(__dirname, '../../..');
const NODE_DIR = 'nodes/Aiuta';

interface Edit {
	file: string;
	from: string;
	to: string;
}

export interface PlantedBug {
	name: string;
	edits: Edit[];
}

/** Shows that what is noticed is the bug and nothing else. */
const NO_BUG: PlantedBug = { name: 'no bug', edits: [] };

/** A bug that is one edit. */
export const bug = (name: string, file: string, from: string, to: string): PlantedBug => ({
	name,
	edits: [{ file, from, to }],
});

const POLICY = 'api/faults.ts';
const CREATE = 'batch/create.ts';
const PRODUCT = 'batch/product.ts';
const BREAKER = 'batch/createBreaker.ts';
const SCHEDULER = 'schedule/scheduler.ts';
const POLL_TIMES = 'schedule/pollTimes.ts';
const CREATE_LIMIT = 'actions/createLimit.ts';

export const PLANTED_BUGS: readonly PlantedBug[] = [
	bug(
		'a create is sent again after a reset',
		POLICY,
		'connectionLost: [retry(3), UNKNOWN,',
		'connectionLost: [retry(3), retry(3),',
	),
	bug(
		'a create is sent again after a 502',
		POLICY,
		'serverError: [retry(3), UNKNOWN,',
		'serverError: [retry(3), retry(3),',
	),
	bug(
		'a refused key is tried again',
		POLICY,
		'keyRefused: [STOP, STOP,',
		'keyRefused: [retry(3), retry(3),',
	),
	bug(
		'a 429 counts as a failure',
		POLICY,
		'throttled: [WAIT, WAIT, WAIT,',
		'throttled: [FAIL, FAIL, FAIL,',
	),
	bug(
		'the intent is not written',
		CREATE,
		"beforeSend: () => note(order, { state: 'intent' }),",
		'',
	),
	bug(
		'an unknown outcome is forgotten',
		CREATE,
		"note(order, { state: 'unknown', message: unknown.message });",
		"note(order, { state: 'uploaded' });",
	),
	bug(
		'a record is dropped when the inputs differ',
		PRODUCT,
		'const record = entry.read();\n\t\tconst fields =',
		'const found = entry.read();\n\t\tconst record = differ(found?.inputs, { fields: hashFields(run.settings.generation, this.plan, place) }) ? undefined : found;\n\t\tconst fields =',
	),
	bug(
		'the journal is keyed by the inputs again',
		PRODUCT,
		'const entry = journal.at(place);\n\t\tconst record = entry.read();\n\t\tconst fields =',
		'const entry = journal.at({ ...place, imageTypes: [hashFields(run.settings.generation, this.plan, place)] });\n\t\tconst record = entry.read();\n\t\tconst fields =',
	),
	bug(
		'the journal is keyed by what the host calls the photos',
		PRODUCT,
		'const entry = journal.at(place);\n\t\tconst record = entry.read();\n\t\tconst fields =',
		'const entry = journal.at({ ...place, imageTypes: sourcesOf(this.plan).map(({ label }) => label) });\n\t\tconst record = entry.read();\n\t\tconst fields =',
	),
	bug(
		"an agent's tool call in a retry creates",
		'actions/retryGuard.ts',
		"if (isTool(host)) return failure('NOTES_LOST', AGENT_STARTS_OVER);",
		'',
	),
	bug(
		'Max Operations per Run counts each run of the node for itself',
		CREATE_LIMIT,
		'const made = numberAt(store, MADE);',
		'const made = 0;',
	),
	bug(
		'what a run that was cut short had set aside is never given back',
		CREATE_LIMIT,
		"if (!isJsonObject(open) || open['executionId'] === executionId) return made;",
		'if (executionId !== undefined) return made;',
	),
	bug(
		'a failure counts as retryable although an operation exists',
		'api/failures.ts',
		'return canPass && !exists && !mayExist(failed);',
		'return canPass && !mayExist(failed);',
	),
	bug(
		'a failure counts as retryable although an operation may exist',
		'api/failures.ts',
		"return isNoted || FAILURES[code].paid === 'maybe';",
		'return false;',
	),
	bug(
		'a connection that was lost while reading counts as never opened',
		'core/connectionError.ts',
		'return syscall !== undefined && NEVER_OPENED[syscall]?.includes(code) === true;',
		'return syscall !== undefined && Object.values(NEVER_OPENED).flat().includes(code);',
	),
	bug(
		'an answer that cannot be read counts as never opened',
		'core/connectionError.ts',
		'if (facts.length > 0 && facts.every(neverOpened)) return',
		"if (facts.every(neverOpened) || code.startsWith('Z_')) return",
	),
	{
		name: 'all requests share one patience with 429s',
		edits: [
			{
				file: 'batch/call.ts',
				from: 'private readonly patience = new ThrottlePatience();',
				to: 'private get patience(): ThrottlePatience {\n\t\tconst shared = this.run.ports.scheduler as { patience?: ThrottlePatience };\n\t\treturn (shared.patience ??= new ThrottlePatience());\n\t}',
			},
			{
				file: 'batch/follow.ts',
				from: 'private readonly patience = new ThrottlePatience();',
				to: 'private get patience(): ThrottlePatience {\n\t\tconst shared = this.owner.ports.scheduler as { patience?: ThrottlePatience };\n\t\treturn (shared.patience ??= new ThrottlePatience());\n\t}',
			},
		],
	},
	bug(
		'a request is sent again for as long as it meets 429s',
		'batch/throttlePatience.ts',
		'return nowMs - this.throttledSinceMs >= MAX_THROTTLED_MS;',
		'return nowMs < this.throttledSinceMs;',
	),
	bug(
		'the polls of an operation never become rarer',
		POLL_TIMES,
		'return Math.max(firstMs, 2 * polledAtAgeMs);',
		'return polledAtAgeMs + firstMs;',
	),
	bug(
		'the polls of one of a few never become rarer',
		POLL_TIMES,
		'Math.max(FEW_SHARE * polledAtAgeMs, roundMs)',
		'roundMs',
	),
	bug(
		'an operation ID is not written down',
		CREATE,
		"note(order, { state: 'created', operationId });",
		'',
	),
	bug(
		'an operation ID is not logged',
		CREATE,
		'run.ports.log.operationCreated(operationId, plan.productId, itemIndex);',
		'',
	),
	bug(
		'creates go on together after an unknown outcome',
		BREAKER,
		"if (outcome === 'unknown') this.unknownInARow += 1;",
		'',
	),
	bug(
		'three unknown outcomes in a row do not stop the creates',
		CREATE,
		'if (run.breaker.hasTripped) {',
		'if (run.breaker.hasTripped && run.isCancelled) {',
	),
	{
		name: 'a GET counts as the answer to a trial',
		edits: [
			{
				file: 'batch/call.ts',
				from: "if (judged.ok) return { kind: 'ok', answer: judged.answer };",
				to: "if (judged.ok && call === 'get') run.breaker.noteRead();\n\tif (judged.ok) return { kind: 'ok', answer: judged.answer };",
			},
			{
				file: BREAKER,
				from: '/** Let everybody who waits look again',
				to: 'noteRead() {\n\t\tthis.unknownInARow = 0;\n\t\tthis.letAllGo();\n\t}\n\n\t/** Let everybody who waits look again',
			},
		],
	},
	bug(
		'a 429 counts as the answer to a trial',
		CREATE,
		"leave.giveBack('none');",
		"leave.giveBack('answer');",
	),
	bug(
		'images that are gone are not uploaded again',
		CREATE,
		'if (httpStatus === 400 || httpStatus === 404) return true;',
		'',
	),
	bug('creates go on after a failure', CREATE, 'if (run.halt !== undefined) return false;', ''),
	bug('an unknown status is success', 'api/status.ts', "?? 'unknown'", "?? 'succeeded'"),
	bug(
		'a failed operation is created again',
		'batch/operation.ts',
		"if (record.state !== 'failed') return {",
		"if (record.state === 'failed') return undefined;\n\t\t\tif (record.state !== 'failed') return {",
	),
	bug(
		'a new operation that is not visible yet is given up',
		'batch/follow.ts',
		'this.missingAnswers < MAX_MISSING_ANSWERS &&',
		'this.missingAnswers < 1 &&',
	),
	bug(
		'a create does not wait for all photos',
		PRODUCT,
		'const outcomes = await Promise.all(uploading);',
		'const outcomes = [await Promise.race(uploading)];',
	),
	bug(
		'results stand in the order of their end',
		'core/limiter.ts',
		'results[index] = await task(entry, index);',
		'{ const one = await task(entry, index); results.splice(ended, 1, one); ended += 1; }',
	),
	bug(
		'the first request does not go alone',
		'schedule/queue.ts',
		'(this.hasSucceeded || this.outstanding === 0)',
		'true',
	),
	bug(
		'an answer is judged when the next request has left',
		'batch/call.ts',
		'granted.end(outcome);',
		'granted.end(outcome);\n\tawait run.ports.clock.sleep(5);',
	),
	bug('Retry-After is ignored', 'schedule/pacing.ts', 'retryAfterMs(retryAfter, nowMs) ?? 0', '0'),
	bug(
		'a Retry-After of no time ends the own pause',
		'schedule/pacing.ts',
		'Math.max(this.ownPauseMs(), retryAfterMs(retryAfter, nowMs) ?? 0)',
		'retryAfterMs(retryAfter, nowMs) ?? this.ownPauseMs()',
	),
	bug(
		'operations are asked for only when others have told how long they take',
		POLL_TIMES,
		'Math.min(ownAgeMs(situation), scoutAtAgeMs ?? toldAgeMs(situation))',
		'scoutAtAgeMs ?? toldAgeMs(situation)',
	),
	bug('sleeps are not cut into slices', SCHEDULER, 'nowMs + MAX_SLEEP_SLICE_MS', 'nowMs + 60_000'),
	bug(
		'a scheduler is never forgotten',
		'schedule/schedulerRegistry.ts',
		'this.schedulers.delete(key)',
		'this.schedulers.get(key)',
	),
	bug(
		'an operation that exists needs its photos',
		PRODUCT,
		'const resumed = resume(entry, record,',
		"const early = await (this.uploading ??= this.uploadPhotos());\n\t\tif (early.kind === 'failed') return early;\n\t\tconst resumed = resume(entry, record,",
	),
	bug(
		'a photo is opened in the turn of its upload',
		'batch/uploads.ts',
		"async () =>\n\t\t\tthis.run.mayStart ? await source.open() : { kind: 'withheld' },",
		"async () => {\n\t\t\tconst granted = await this.run.ports.scheduler.awaitTurn(this.run.slot, 'upload');\n\t\t\tif (granted.kind !== 'granted') return { kind: 'withheld' };\n\t\t\tconst opened = await source.open();\n\t\t\tgranted.end(undefined);\n\t\t\treturn opened;\n\t\t},",
	),
	{
		name: 'a stop is ignored',
		edits: [
			{
				file: 'batch/run.ts',
				from: 'this.ports.scheduler.stopRun(this.slot);',
				to: '',
			},
			{
				file: 'batch/call.ts',
				from: '(await mayLeave()) && !run.isCancelled',
				to: '(await mayLeave())',
			},
		],
	},
];

function plant(dir: string, { name, edits }: PlantedBug): void {
	for (const { file, from, to } of edits) {
		const path = join(dir, NODE_DIR, file);
		const source = readFileSync(path, 'utf8');
		if (source.split(from).length !== 2) {
			throw new Error(`"${name}": its place is not found exactly once in ${file}`);
		}
		// A function keeps `$` in the replacement from being special.
		const planted = source.replace(from, () => to);
		const prelude = to.includes('ended') ? 'let ended = 0;\n' : '';
		writeFileSync(path, `${prelude}${planted}`);
	}
}

/** A line that names a seed or a placement. */
const FOUND = /^seed \d+: |\((stop|continue)[^)]*\): /;

/** Run the simulation of a tree; the first line of its report when that is not clean. */
async function violationIn(
	dir: string,
	{ command, report }: PlantedCampaign,
): Promise<string | undefined> {
	const tsx = join(ROOT_DIR, 'node_modules/tsx/dist/cli.mjs');
	const args = [tsx, ...command, '--fail-fast'];
	const child = spawn(process.execPath, args, { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'] });
	let output = '';
	child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
	const code = await new Promise<number | null>((ended) => child.on('close', ended));
	const isReport = output.includes(report);
	if (!isReport) throw new Error(`the simulation broke down:\n${output}`);
	return code === 0 ? undefined : output.split('\n').find((line) => FOUND.test(line));
}

/** A simulation that is expected to notice bugs. */
export interface PlantedCampaign {
	bugs: readonly PlantedBug[];
	/** Its script and arguments, from the root of the project. */
	command: readonly string[];
	/** What it prints when it has come to its end. */
	report: string;
}

/** The engine's simulation, with so many seeds to notice a bug. */
export function engineCampaign(seeds: number): PlantedCampaign {
	const cli = 'test/evidence/simulation/cli.ts';
	const command = [cli, '--seeds', String(seeds), '--placements'];
	return { bugs: PLANTED_BUGS, command, report: ' placements: ' };
}

/**
 * Plant each bug in turn.
 *
 * @param say told one line for each bug
 * @returns whether all were noticed
 */
export async function playPlantedBugs(
	campaign: PlantedCampaign,
	say: (line: string) => void,
): Promise<{ planted: number; caught: number }> {
	const unplanted = await noticed(NO_BUG, campaign);
	if (unplanted !== undefined) throw new Error(`without any planted bug: ${unplanted}`);
	let caught = 0;
	for (const one of campaign.bugs) {
		const found = await noticed(one, campaign);
		if (found !== undefined) caught += 1;
		say(found === undefined ? `MISSED  ${one.name}` : `caught  ${one.name} (${found})`);
	}
	return { planted: campaign.bugs.length, caught };
}

/** Where the simulation notices a bug, undefined when it does not. */
async function noticed(one: PlantedBug, campaign: PlantedCampaign): Promise<string | undefined> {
	const dir = mkdtempSync(join(tmpdir(), 'aiuta-planted-'));
	try {
		for (const part of [
			'nodes',
			'test/evidence/simulation',
			// The plots of the simulation.
			'test/evidence/bench',
			'test/tools',
			'test/support',
			'tsconfig.json',
			'package.json',
		]) {
			cpSync(join(ROOT_DIR, part), join(dir, part), { recursive: true });
		}
		symlinkSync(join(ROOT_DIR, 'node_modules'), join(dir, 'node_modules'));
		plant(dir, one);
		return await violationIn(dir, campaign);
	} finally {
		rmSync(dir, { recursive: true });
	}
}
