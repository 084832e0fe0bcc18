/** What a fleet is tried with. */
import { Command, InvalidArgumentError } from 'commander';

import { NEWEST_N8N } from '../../support/n8n/n8nVersions';

export interface Options {
	/** Of the catalogue, or of each execution with `fair`. */
	products: number;
	chunk: number;
	/** Requests per second that the API allows the key, over all workers. */
	limit: number;
	/** Workers killed on the way, one after the other. */
	kills: number;
	/** Seconds after which a product that was taken and has no picture waits again. */
	lease: number;
	/** Seconds between two times of the dispatcher's schedule. */
	every: number;
	seed: number;
	n8n: string;
	built?: boolean;
	/** Instead of the catalogue: so many workers, each with an execution of its own. */
	fair?: number;
}

/** What the defaults are for. */
const CATALOGUE = { products: 5000, limit: 30 };
/** So slow that the pace decides, and not the processor, which all workers have in common. */
const FAIR = { products: 200, limit: 5 };

/** Make a reader of whole numbers for the command line. */
function whole(min: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (Number.isInteger(value) && value >= min) return value;
		throw new InvalidArgumentError(`A whole number from ${min} on is needed.`);
	};
}

/** Read the options of the command line. */
export function readOptions(): Options {
	const given = new Command('fleet')
		.description(
			'Work off a catalogue on two workers of an n8n in queue mode, and kill some of them',
		)
		.option(
			'--products <count>',
			'products of the catalogue (5000), of each worker with --fair (200)',
			whole(1),
		)
		.option('--chunk <count>', 'products in a chunk', whole(1), 100)
		.option(
			'--limit <rate>',
			'requests per second that the API allows (30, with --fair 5)',
			whole(1),
		)
		.option('--kills <count>', 'how many workers are killed', whole(0), 3)
		.option('--lease <seconds>', 'when a product that was taken waits again', whole(1), 240)
		.option('--every <seconds>', 'between two times of the schedule', whole(1), 60)
		.option('--seed <seed>', 'seed of the generation times and of who is killed', whole(0), 1)
		.option('--n8n <version>', 'version of n8n', NEWEST_N8N)
		.option('--fair <workers>', 'only how evenly so many workers share the limit', whole(2))
		.option('--built', 'dist is up to date: do not build')
		.parse()
		.opts<Omit<Options, 'products' | 'limit'> & Partial<Options>>();
	return { ...(given.fair === undefined ? CATALOGUE : FAIR), ...given };
}
