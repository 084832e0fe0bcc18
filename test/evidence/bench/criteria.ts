/** What the figures should meet; they are judged here and nowhere tuned to. */
import { SYSTEM_TITLES, type Comparison, type SystemName } from './results';
import { ratioToNode, summarize, type Summary } from './summary';

const LEAST_OVER_SERIAL = 10;
const SERIAL_PRODUCTS = 50;
const LEAST_OVER_HAND_BUILT = 1;
const MOST_REQUESTS_PER_PRODUCT = 4;
const REQUESTS_AT = { products: 200, requestsPerSecond: 5 };
const MOST_OVER_CLAIRVOYANT = 1.15;
const QUICK_MEDIAN_MS = 4000;
const QUICK_SIZES = [50, 200];
const QUICK_RATE = 20;
const MOST_OVER_CLAIRVOYANT_QUICK = 1.1;
const MOST_DELAY_SECONDS = 2;
const MOST_MEMORY_OVER_HAND_BUILT = 1;
const MEMORY_AT = { products: 200, requestsPerSecond: 20 };
const LEDGER_AT = { products: 200, requestsPerSecond: 20 };
const MOST_OVER_NO_LEDGER = 1.1;
const MOST_LEDGER_CPU_MS = 10;

/** One condition and what came of it; `met` is undefined where nothing was measured for it. */
export interface Verdict {
	criterion: string;
	met: boolean | undefined;
	/** The figures that decided. */
	detail: string;
}

interface Finding {
	label: string;
	value: number | undefined;
}

function judge(
	criterion: string,
	findings: readonly Finding[],
	isGood: (value: number) => boolean,
): Verdict {
	const known = findings.flatMap(({ label, value }) =>
		value === undefined ? [] : [{ label, value }],
	);
	const detail = known
		.map(({ label, value }) => `${label}: ${value.toFixed(3)}${isGood(value) ? '' : ' (!)'}`)
		.join(', ');
	const met = known.length === 0 ? undefined : known.every(({ value }) => isGood(value));
	return { criterion, met, detail };
}

/** Processor time that a ledger costs for each product. */
function ledgerCpuMs(comparison: Comparison): number | undefined {
	const { products, requestsPerSecond } = LEDGER_AT;
	const secondsOf = (system: 'node' | 'ledger') =>
		summarize(comparison, system, requestsPerSecond, products)?.measured?.cpuSeconds;
	const [without, withLedger] = [secondsOf('node'), secondsOf('ledger')];
	if (without === undefined || withLedger === undefined) return undefined;
	return ((withLedger - without) * 1000) / products;
}

/** Figures of the node where pictures are ready so soon that every request counts. */
function quickFindings(
	comparison: Comparison,
	read: (summary: Summary) => number | undefined,
): Finding[] {
	if (comparison.settings.generation.medianMs !== QUICK_MEDIAN_MS) return [];
	return QUICK_SIZES.map((products) => {
		const summary = summarize(comparison, 'node', QUICK_RATE, products);
		const label = `N=${products} at ${QUICK_RATE}/s`;
		return { label, value: summary === undefined ? undefined : read(summary) };
	});
}

/** How much the process grows with the node, beside the workflow by hand. */
function memoryRatio(comparison: Comparison): number | undefined {
	const { products, requestsPerSecond } = MEMORY_AT;
	const growthOf = (system: 'node' | 'handBuilt') =>
		summarize(comparison, system, requestsPerSecond, products)?.measured?.rssGrowthBytes;
	const [own, byHand] = [growthOf('node'), growthOf('handBuilt')];
	return own === undefined || byHand === undefined ? undefined : own / byHand;
}

/** Judge a comparison by all criteria. */
export function verdictsOf(comparison: Comparison): Verdict[] {
	const { sizes, rates } = comparison.settings;
	const everywhere = rates.flatMap((rate) => sizes.map((products) => ({ rate, products })));
	const label = (rate: number, products: number) => `N=${products} at ${rate}/s`;
	return [
		judge(
			'no execution of the node fails',
			(['node', 'ledger'] as const).flatMap((system) => {
				const ofSystem = <T extends { system: SystemName }>(runs: readonly T[]) =>
					runs.filter((run) => run.system === system).length;
				const failed = ofSystem(comparison.failures);
				const isMeasured = failed + ofSystem(comparison.cells) > 0;
				return isMeasured ? [{ label: `${SYSTEM_TITLES[system]}, failed`, value: failed }] : [];
			}),
			(value) => value === 0,
		),
		judge(
			`at N=${SERIAL_PRODUCTS} the serial node takes at least ${LEAST_OVER_SERIAL} x the node's time`,
			rates.map((rate) => ({
				label: label(rate, SERIAL_PRODUCTS),
				value: ratioToNode(comparison, 'serial', rate, SERIAL_PRODUCTS)?.value,
			})),
			(value) => value >= LEAST_OVER_SERIAL,
		),
		judge(
			'the workflow by hand is at no N faster than the node',
			everywhere.map(({ rate, products }) => ({
				label: label(rate, products),
				value: ratioToNode(comparison, 'handBuilt', rate, products)?.value,
			})),
			(value) => value >= LEAST_OVER_HAND_BUILT,
		),
		judge(
			`at most ${MOST_REQUESTS_PER_PRODUCT} requests per product`,
			[
				{
					label: label(REQUESTS_AT.requestsPerSecond, REQUESTS_AT.products),
					value: summarize(comparison, 'node', REQUESTS_AT.requestsPerSecond, REQUESTS_AT.products)
						?.measured?.requestsPerProduct,
				},
			],
			(value) => value <= MOST_REQUESTS_PER_PRODUCT,
		),
		judge(
			`the node takes at most ${MOST_OVER_CLAIRVOYANT} x the clairvoyant schedule`,
			everywhere.map(({ rate, products }) => ({
				label: label(rate, products),
				value: summarize(comparison, 'node', rate, products)?.overClairvoyant,
			})),
			(value) => value <= MOST_OVER_CLAIRVOYANT,
		),
		judge(
			`the node takes at most ${MOST_OVER_CLAIRVOYANT_QUICK} x the clairvoyant schedule with pictures after 4 s`,
			quickFindings(comparison, ({ overClairvoyant }) => overClairvoyant),
			(value) => value <= MOST_OVER_CLAIRVOYANT_QUICK,
		),
		judge(
			`an end is seen at most ${MOST_DELAY_SECONDS} s late on average with pictures after 4 s`,
			quickFindings(comparison, ({ measured }) => measured && measured.detectionDelayMs / 1000),
			(value) => value <= MOST_DELAY_SECONDS,
		),
		judge(
			'the process grows by no more memory than with the workflow by hand',
			[
				{
					label: label(MEMORY_AT.requestsPerSecond, MEMORY_AT.products),
					value: memoryRatio(comparison),
				},
			],
			(value) => value <= MOST_MEMORY_OVER_HAND_BUILT,
		),
		judge(
			`with a ledger the node takes at most ${MOST_OVER_NO_LEDGER} x its time without`,
			[
				{
					label: label(LEDGER_AT.requestsPerSecond, LEDGER_AT.products),
					value: ratioToNode(comparison, 'ledger', LEDGER_AT.requestsPerSecond, LEDGER_AT.products)
						?.value,
				},
			],
			(value) => value <= MOST_OVER_NO_LEDGER,
		),
		judge(
			`a ledger costs at most ${MOST_LEDGER_CPU_MS} ms of processor time a product`,
			[
				{
					label: label(LEDGER_AT.requestsPerSecond, LEDGER_AT.products),
					value: ledgerCpuMs(comparison),
				},
			],
			(value) => value <= MOST_LEDGER_CPU_MS,
		),
	];
}
