/** A PostgreSQL of its own, for n8n itself or as the database of somebody's shop. */
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { command } from './n8nCommand';
import { freePort } from './n8nServer';
import { onDataFolder, provide, startService, type Service } from './service';

const COMMAND_LIMIT_MS = 60_000;
const POSTGRES_ROOT = '/usr/lib/postgresql';
const POSTGRES_USER = 'postgres';

/** Who may log in, without a password, and to which database. */
export const DATABASE = { host: '127.0.0.1', user: 'n8n', database: 'postgres' } as const;

export interface Postgres extends Service {
	port: number;
	/** Run SQL; returns the rows of a query as JSON. */
	query: (sql: string) => Promise<unknown[]>;
	/** Run SQL that returns nothing. */
	execute: (sql: string) => Promise<void>;
}

function postgresBin(): string | undefined {
	const versions = existsSync(POSTGRES_ROOT) ? readdirSync(POSTGRES_ROOT) : [];
	return versions
		.map((version) => join(POSTGRES_ROOT, version, 'bin'))
		.find((dir) => existsSync(join(dir, 'initdb')));
}

/** PostgreSQL refuses to run as root: its programs are then run as its own user. */
function asPostgres(): string[] {
	if (process.getuid?.() !== 0) return [];
	return ['setpriv', `--reuid=${POSTGRES_USER}`, `--regid=${POSTGRES_USER}`, '--clear-groups'];
}

async function startServer(port: number, dir: string, bin: string): Promise<Service> {
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
 * Start PostgreSQL on a free loopback port. Needs Debian's `postgresql`.
 *
 * @throws Error with what to install, or the server's own words
 */
export async function startPostgres(): Promise<Postgres> {
	const bin = await provide(['postgresql'], postgresBin);
	return await onDataFolder('postgres', async (dir) => {
		const port = await freePort();
		const { stop } = await startServer(port, dir, bin);
		const { host, user, database } = DATABASE;
		const execute = async (sql: string) =>
			await command(
				join(bin, 'psql'),
				[
					...['-h', host, '-p', String(port), '-U', user, '-d', database],
					...['-v', 'ON_ERROR_STOP=1', '-Atqc', sql],
				],
				{ cwd: dir, limitMs: COMMAND_LIMIT_MS },
			);
		return {
			port,
			execute: async (sql) => void (await execute(sql)),
			query: async (sql) =>
				JSON.parse(
					await execute(`SELECT coalesce(json_agg(q), '[]') FROM (${sql}) q`),
				) as unknown[],
			stop,
		};
	});
}
