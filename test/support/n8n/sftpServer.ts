/** An OpenSSH server that offers one folder over SFTP, on loopback, to a key made for it. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { command } from './n8nCommand';
import { freePort } from './n8nServer';
import { onDataFolder, provide, startService, type Service } from './service';

const SSHD = '/usr/sbin/sshd';
/** sshd wants an empty folder of this name when root starts it. */
const PRIVILEGE_FOLDER = '/run/sshd';
const COMMAND_LIMIT_MS = 30_000;

export interface SftpServer extends Service {
	/** What is entered in n8n's credential "SFTP". */
	credential: { host: string; port: number; username: string; privateKey: string };
	/** The folder in which a client finds itself after logging in. */
	folder: string;
}

async function makeKey(file: string, cwd: string): Promise<void> {
	const args = ['-q', '-t', 'ed25519', '-N', '', '-C', 'throw-away', '-f', file];
	await command('ssh-keygen', args, { cwd, limitMs: COMMAND_LIMIT_MS });
}

function configuration(port: number, dir: string, folder: string): string {
	return [
		`Port ${port}`,
		'ListenAddress 127.0.0.1',
		`HostKey ${join(dir, 'host_key')}`,
		`PidFile ${join(dir, 'sshd.pid')}`,
		`AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
		'StrictModes no',
		'UsePAM no',
		'PasswordAuthentication no',
		'PermitRootLogin prohibit-password',
		'Subsystem sftp internal-sftp',
		`ForceCommand internal-sftp -d ${folder}`,
		'',
	].join('\n');
}

/**
 * Start an SFTP server on a free loopback port. Needs Debian's `openssh-server`.
 *
 * @throws Error with what to install, or the server's own words
 */
export async function startSftpServer(): Promise<SftpServer> {
	await provide(['openssh-server'], () => (existsSync(SSHD) ? SSHD : undefined));
	return await onDataFolder('sftp', async (dir) => {
		const folder = join(dir, 'files');
		mkdirSync(folder);
		if (process.getuid?.() === 0) mkdirSync(PRIVILEGE_FOLDER, { recursive: true });
		await makeKey(join(dir, 'host_key'), dir);
		await makeKey(join(dir, 'user_key'), dir);
		copyFileSync(join(dir, 'user_key.pub'), join(dir, 'authorized_keys'));
		const port = await freePort();
		const config = join(dir, 'sshd_config');
		writeFileSync(config, configuration(port, dir, folder));
		const { stop } = await startService(SSHD, ['-D', '-e', '-f', config], dir, async () => {
			await command('ssh-keyscan', ['-p', String(port), '127.0.0.1'], {
				cwd: dir,
				limitMs: COMMAND_LIMIT_MS,
			});
		});
		return {
			folder,
			credential: {
				host: '127.0.0.1',
				port,
				username: userInfo().username,
				privateKey: readFileSync(join(dir, 'user_key'), 'utf8'),
			},
			stop,
		};
	});
}
