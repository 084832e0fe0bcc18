/** `npm run sandbox`: the sandbox as a process of its own, until Ctrl-C. */
import { Command, InvalidArgumentError } from 'commander';
import { keysNamed, startSandbox, type GenerationTime, type SandboxOptions } from './index';

interface CliOptions {
	port: number;
	filesPort: number;
	apiKey: string;
	generationSeconds: GenerationTime;
	rps?: number;
	burst?: number;
	concurrency?: number;
	picture: 'compose' | 'cached';
	seed: number;
}

function positive(text: string): number {
	const value = Number(text);
	if (!(value > 0)) throw new InvalidArgumentError('Give a number above 0.');
	return value;
}

function wholeNumber(text: string): number {
	if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
	return Number(text);
}

function generationTime(text: string): GenerationTime {
	const match = /^(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?$/.exec(text);
	if (match === null) throw new InvalidArgumentError('Give seconds (20) or a range (5-30).');
	const minMs = Number(match[1]) * 1000;
	const maxMs = match[2] === undefined ? minMs : Number(match[2]) * 1000;
	if (maxMs < minMs) throw new InvalidArgumentError('The range must go from low to high.');
	return { minMs, maxMs };
}

function pictureMode(text: string): 'compose' | 'cached' {
	if (text !== 'compose' && text !== 'cached') {
		throw new InvalidArgumentError('Give compose or cached.');
	}
	return text;
}

const program = new Command('sandbox')
	.description('Run a sandbox of the Aiuta API on this machine.')
	.option('--port <number>', 'port of the API', wholeNumber, 4010)
	.option('--files-port <number>', 'port of the file host, 0 for any', wholeNumber, 0)
	.option('--api-key <name>', 'what the three keys begin with', 'sandbox-key')
	.option(
		'--generation-seconds <seconds>',
		'generation time, for example 20 or 5-30',
		generationTime,
		{ minMs: 4000, maxMs: 10_000 },
	)
	.option('--rps <number>', 'answer 429 above this many requests per second', positive)
	.option('--burst <number>', 'requests allowed at once under --rps (default: --rps)', positive)
	.option('--concurrency <number>', 'operations generated at a time', positive)
	.option('--picture <mode>', 'compose pictures, or cached for load tests', pictureMode, 'compose')
	.option('--seed <number>', 'seed of the generation times', wholeNumber, 1);

async function main(): Promise<void> {
	const given = program.parse().opts<CliOptions>();
	const options: SandboxOptions = {
		port: given.port,
		filesPort: given.filesPort,
		apiKeys: keysNamed(given.apiKey),
		generationMs: given.generationSeconds,
		picture: given.picture,
		seed: given.seed,
		concurrency: given.concurrency ?? null,
		rateLimit:
			given.rps === undefined
				? null
				: {
						requestsPerSecond: given.rps,
						burst: given.burst ?? Math.max(1, given.rps),
						retryAfter: true,
					},
	};
	const sandbox = await startSandbox(options);
	process.stdout.write(
		[
			'The sandbox is running; Ctrl-C ends it.',
			'',
			`  Base URL   ${sandbox.url}`,
			`  API keys   ${sandbox.apiKeys.flatLays} (Flat Lays)`,
			`             ${sandbox.apiKeys.studio} (Studio)`,
			`             ${sandbox.apiKeys.unified} (Unified)`,
			`  Files      ${sandbox.filesUrl}`,
			`  Control    ${sandbox.url}/__sandbox/stats`,
			'',
			'In n8n: Credentials > Add > Aiuta API, enter the base URL, one of the keys, and choose',
			'the API that it belongs to; the other two refuse it, as the live ones do.',
			'Words in the product title choose the outcome: [fail], [abort], [cancel], [pause],',
			'[forever], [unknown-status], [no-image], [expired], [no-such-picture], [slow:5000].',
			'',
		].join('\n'),
	);
	const stop = () => {
		sandbox.close().then(
			() => process.exit(0),
			() => process.exit(1),
		);
	};
	process.once('SIGINT', stop);
	process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
