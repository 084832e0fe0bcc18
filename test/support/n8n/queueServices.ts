/** Redis and PostgreSQL for n8n's queue mode: started by hand on loopback, with throw-away data. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { command } from './n8nCommand';
import { freePort, poll } from './n8nServer';

const READY_LIMIT_MS = 30_000;
const INSTALL_LIMIT_MS = 5 * 60_000;
const COMMAND_LIMIT_MS = 60_000;
const SHOWN_OUTPUT_LENGTH = 2000;
/** PostgreSQL runs as another user, who must be able to reach its data folder. */
const DATA_PARENT = '/var/tmp';
const POSTGRES_ROOT = '/usr/lib/postgresql';
const POSTGRES_USER = 'postgres';
const ADVICE = 'apt-get install -y --no-install-recommends redis-server postgresql';

/** The two servers, and the settings that lead n8n to them. */
export interface QueueServices {
	env: Record<string, string>;
	stop: () => Promise<void>;
}

interface Service {
	stop: () => Promise<void>;
}

function postgresBin(): string | undefined {
	const versions = existsSync(POSTGRES_ROOT) ? readdirSync(POSTGRES_ROOT) : [];
	return versions
		.map((version) => join(POSTGRES_ROOT, version, 'bin'))
		.find((dir) => existsSync(join(dir, 'initdb')));
}

const isRedisThere = () => existsSync('/usr/bin/redis-server');

/** Find PostgreSQL's programs; on a build machine Debian's packages are installed where missing. */
async function programs(): Promise<string> {
	if (postgresBin() === undefined || !isRedisThere()) {
		if (process.env['CI'] === undefined || process.getuid?.() !== 0) {
			throw new Error(`This needs Redis and PostgreSQL. On Debian, as root: ${ADVICE}`);
		}
		const [program = '', ...args] = ADVICE.split(' ');
		await command(program, args, { cwd: '/', limitMs: INSTALL_LIMIT_MS });
	}
	const bin = postgresBin();
	if (bin === undefined || !isRedisThere()) throw new Error('Redis or PostgreSQL is still missing');
	return bin;
}

/** Start a server and wait until `isReady`; throws with the end of its output when it ends before. */
async function startService(
	program: string,
	args: readonly string[],
	cwd: string,
	isReady: () => Promise<unknown>,
): Promise<Service> {
	const child: ChildProcess = spawn(program, [...args], {
		cwd,
		stdio: ['ignore', 'pipe', 'pipe'],
		detached: true,
	});
	let output = '';
	const keep = (chunk: Buffer) => {
		output = (output + chunk.toString()).slice(-SHOWN_OUTPUT_LENGTH);
	};
	child.stdout?.on('data', keep);
	child.stderr?.on('data', keep);
	child.once('error', (error) => {
		output += error.message;
	});
	const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
	const killWithUs = () => child.kill('SIGKILL');
	process.once('exit', killWithUs);
	const stop = async () => {
		// SIGINT is PostgreSQL's fast shutdown; Redis takes it as well.
		child.kill('SIGINT');
		await poll(() => (hasEnded() ? true : undefined), READY_LIMIT_MS, 50);
		child.kill('SIGKILL');
		process.removeListener('exit', killWithUs);
	};
	const outcome = await poll(async () => {
		if (hasEnded() || child.pid === undefined) return 'ended';
		return await isReady().then(
			() => 'ready',
			() => undefined,
		);
	}, READY_LIMIT_MS);
	if (outcome === 'ready') return { stop };
	await stop();
	throw new Error(`${program} did not come up: ${output}`);
}

async function startRedis(port: number, dir: string): Promise<Service> {
	const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir];
	return await startService('redis-server', args, dir, async () => {
		await command('redis-cli', ['-p', String(port), 'ping'], {
			cwd: dir,
			limitMs: COMMAND_LIMIT_MS,
		});
	});
}

/** PostgreSQL refuses to run as root: its programs are then run as its own user. */
function asPostgres(): string[] {
	if (process.getuid?.() !== 0) return [];
	return ['setpriv', `--reuid=${POSTGRES_USER}`, `--regid=${POSTGRES_USER}`, '--clear-groups'];
}

async function startPostgres(port: number, dir: string, bin: string): Promise<Service> {
	const options = { cwd: dir, limitMs: COMMAND_LIMIT_MS };
	if (process.getuid?.() === 0) {
		const idOf = async (flag: string) =>
			Number(await command('id', [flag, POSTGRES_USER], options));
		chownSync(dir, await idOf('-u'), await idOf('-g'));
	}
	const run = (name: string, args: string[]): [string, string[]] => {
		const [program = '', ...more] = [...asPostgres(), join(bin, name), ...args];
		return [program, more];
	};
	const data = join(dir, 'data');
	const [initdb, initArgs] = run('initdb', [
		...['-D', data, '-U', 'n8n', '--auth=trust'],
		...['--encoding=UTF8', '--locale=C', '--no-sync'],
	]);
	await command(initdb, initArgs, options);
	const [server, serverArgs] = run('postgres', [
		...['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1'],
		...['-c', `unix_socket_directories=${dir}`, '-c', 'fsync=off'],
	]);
	const [isReady, readyArgs] = run('pg_isready', ['-h', '127.0.0.1', '-p', String(port)]);
	return await startService(server, serverArgs, dir, async () => {
		await command(isReady, readyArgs, options);
	});
}

/**
 * Start both servers on free loopback ports. Needs Debian's `redis-server` and `postgresql`; where
 * they are missing, root rights and a Debian mirror.
 *
 * @throws Error with what to install, or the server's own words
 */
export async function startQueueServices(): Promise<QueueServices> {
	const bin = await programs();
	const services: Service[] = [];
	const dirs = ['redis', 'postgres'].map((name) =>
		mkdtempSync(join(DATA_PARENT, `aiuta-${name}-`)),
	);
	const [redisDir = '', postgresDir = ''] = dirs;
	const stop = async () => {
		for (const service of services) await service.stop();
		for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
	};
	try {
		const redisPort = await freePort();
		services.push(await startRedis(redisPort, redisDir));
		const postgresPort = await freePort();
		services.push(await startPostgres(postgresPort, postgresDir, bin));
		const env = {
			EXECUTIONS_MODE: 'queue',
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redisPort),
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: '127.0.0.1',
			DB_POSTGRESDB_PORT: String(postgresPort),
			DB_POSTGRESDB_DATABASE: 'postgres',
			DB_POSTGRESDB_USER: 'n8n',
		};
		return { env, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}
