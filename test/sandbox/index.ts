/**
 * A sandbox of the Aiuta API, all three generations, for tests, the demo and trying things out by hand.
 * It is strict where the published specifications are, generates real pictures from the uploaded
 * photos, keeps a ledger of everything it sees, and fails on demand. It shares no code with the node.
 */
import { addApiRoutes } from './apiRoutes';
import { addControlRoutes } from './control';
import { Faults } from './faults';
import { addFileRoutes } from './fileRoutes';
import { apiGate } from './gate';
import { API_SHAPES } from './generations';
import { ImageStore } from './imageStore';
import { Ledger } from './ledger';
import { Operations } from './operations';
import { installPipeline } from './pipeline';
import { Random } from '../support/random';
import { listen, makeApp } from './server';
import { Settings } from './settings';
import type {
	ApiKeys,
	Fault,
	FaultHandle,
	Outcome,
	OutcomeTarget,
	SandboxOptions,
	SandboxSettings,
	SandboxStats,
} from './types';

export { keysNamed } from './settings';
export type * from './types';

export interface Sandbox {
	/** Origin of the API, for example `http://127.0.0.1:41234`; base paths come after it. */
	readonly url: string;
	/** Origin of the file host. */
	readonly filesUrl: string;
	/** The keys that are accepted now, each for one generation. */
	readonly apiKeys: ApiKeys;
	/** Plant a fault; it stays until it is used up or cleared. */
	fault(fault: Fault): FaultHandle;
	clearFaults(): void;
	/** Set how an operation, or operations created from now on, will end. */
	setOutcome(target: OutcomeTarget, outcome: Outcome): void;
	clearOutcomes(): void;
	/** Change settings while running; a RangeError refuses values that make no sense. */
	configure(change: Partial<SandboxSettings>): void;
	/** Give a snapshot of everything seen since the start or the last reset. */
	stats(): SandboxStats;
	/** Forget images, operations, faults, outcomes and counts, and restore the first settings. */
	reset(): void;
	/** Stop both listeners, cutting connections that are still open. */
	close(): Promise<void>;
}

/** Start a sandbox on 127.0.0.1, with the API and the file host as two origins. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
	const settings = new Settings(options);
	const ledger = new Ledger(() => Object.values(settings.current.apiKeys));
	const faults = new Faults();
	const images = new ImageStore();
	const closing = new AbortController();
	const shared = { ledger, faults, closing: closing.signal };

	const files = await makeApp();
	const fileRoute = installPipeline(files, { ...shared, host: 'files', gate: () => undefined });
	addFileRoutes(files, images, fileRoute);
	const filesUrl = await listen(files, options.filesPort ?? 0);

	const random = new Random(options.seed ?? 1);
	const operations = new Operations(images, settings, random, filesUrl);
	const api = await makeApp();
	const route = installPipeline(api, { ...shared, host: 'api', gate: apiGate(settings) });
	for (const shape of API_SHAPES) {
		addApiRoutes(api, shape, { images, operations, ledger, settings, filesUrl, route });
	}

	const controls = {
		fault: (fault: Fault) => faults.add(fault),
		clearFaults: () => faults.clear(),
		setOutcome: (target: OutcomeTarget, outcome: Outcome) => operations.setOutcome(target, outcome),
		clearOutcomes: () => operations.clearOutcomes(),
		configure: (change: Partial<SandboxSettings>) => settings.configure(change),
		stats: () => ledger.stats(operations.records()),
		reset: () => {
			images.clear();
			operations.clear();
			faults.clear();
			ledger.reset();
			settings.reset();
		},
	};
	addControlRoutes(api, {
		...controls,
		listFaults: () => faults.list(),
		removeFault: (id) => faults.remove(id),
		settings: () => settings.current,
	});

	const close = async (): Promise<void> => {
		closing.abort();
		images.clear();
		await Promise.all([api.close(), files.close()]);
	};
	const url = await listen(api, options.port ?? 0).catch(async (error: unknown) => {
		await close();
		throw error;
	});
	return {
		url,
		filesUrl,
		get apiKeys() {
			return settings.current.apiKeys;
		},
		...controls,
		close,
	};
}
