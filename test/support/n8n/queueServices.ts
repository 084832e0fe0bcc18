/** Redis and PostgreSQL for n8n's queue mode: started by hand on loopback, with throw-away data. */
import { existsSync } from 'node:fs';

import { command } from './n8nCommand';
import { freePort } from './n8nServer';
import { DATABASE, startPostgres } from './postgres';
import { onDataFolder, provide, startService, type Service } from './service';

const COMMAND_LIMIT_MS = 60_000;
const REDIS = '/usr/bin/redis-server';

/** The two servers, and the settings that lead n8n to them. */
export interface QueueServices {
	env: Record<string, string>;
	stop: () => Promise<void>;
}

async function startRedis(port: number): Promise<Service> {
	await provide(['redis-server'], () => (existsSync(REDIS) ? REDIS : undefined));
	return await onDataFolder('redis', async (dir) => {
		const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', dir];
		return await startService(REDIS, args, dir, async () => {
			await command('redis-cli', ['-p', String(port), 'ping'], {
				cwd: dir,
				limitMs: COMMAND_LIMIT_MS,
			});
		});
	});
}

/**
 * Start both servers on free loopback ports. Needs Debian's `redis-server` and `postgresql`; where
 * they are missing, root rights and a Debian mirror.
 *
 * @throws Error with what to install, or the server's own words
 */
export async function startQueueServices(): Promise<QueueServices> {
	const services: Service[] = [];
	const stop = async () => {
		for (const service of services) await service.stop();
	};
	try {
		const redisPort = await freePort();
		services.push(await startRedis(redisPort));
		const postgres = await startPostgres();
		services.push(postgres);
		const env = {
			EXECUTIONS_MODE: 'queue',
			QUEUE_BULL_REDIS_HOST: '127.0.0.1',
			QUEUE_BULL_REDIS_PORT: String(redisPort),
			DB_TYPE: 'postgresdb',
			DB_POSTGRESDB_HOST: DATABASE.host,
			DB_POSTGRESDB_PORT: String(postgres.port),
			DB_POSTGRESDB_DATABASE: DATABASE.database,
			DB_POSTGRESDB_USER: DATABASE.user,
		};
		return { env, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}
