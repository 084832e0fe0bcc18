/** An S3-compatible server with one bucket, on loopback; it verifies signatures (of the package s3rver). */
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { freePort } from './n8nServer';
import { onDataFolder, startService, type Service } from './service';

const BUCKET = 'products';
/** The one account that the server knows. */
const ACCESS_KEY = 'S3RVER';
/** The server keeps an object as a file with this after its key. */
const OBJECT_SUFFIX = '._S3rver_object';
/** Its continuation tokens are made with a cipher that Node.js has put aside. */
const NODE_ARGS = ['--openssl-legacy-provider'];

export interface S3Server extends Service {
	bucket: string;
	/** What is entered in n8n's credential "S3". */
	credential: Readonly<Record<string, string | boolean>>;
	/** Put an object in, as if it had been uploaded at that time. */
	put: (key: string, bytes: Buffer | string, modified: Date) => void;
	/** Read all objects whose keys begin so, by key. */
	read: (prefix: string) => Map<string, Buffer>;
	remove: (key: string) => void;
}

/** List the keys of all objects below a folder of the server. */
function keysIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith(OBJECT_SUFFIX))
		.map((name) => name.slice(0, -OBJECT_SUFFIX.length));
}

/** Start the server on a free loopback port, with an empty bucket. */
export async function startS3Server(): Promise<S3Server> {
	return await onDataFolder('s3', async (dir) => {
		const bucketFolder = join(dir, 'data', BUCKET);
		mkdirSync(bucketFolder, { recursive: true });
		const port = await freePort();
		const endpoint = `http://127.0.0.1:${port}`;
		const program = `require(${JSON.stringify(require.resolve('@20minutes/s3rver/lib/cli.js'))}).parse()`;
		const { stop } = await startService(
			process.execPath,
			[
				...[...NODE_ARGS, '-e', program, '--'],
				...['--directory', join(dir, 'data'), '--address', '127.0.0.1', '--port', String(port)],
				'--silent',
			],
			dir,
			async () => await fetch(endpoint),
		);
		const fileOf = (key: string) => join(bucketFolder, key + OBJECT_SUFFIX);
		return {
			bucket: BUCKET,
			credential: {
				endpoint,
				region: 'us-east-1',
				accessKeyId: ACCESS_KEY,
				secretAccessKey: ACCESS_KEY,
				forcePathStyle: true,
				ignoreSSLIssues: false,
			},
			put: (key, bytes, modified) => {
				const file = fileOf(key);
				mkdirSync(dirname(file), { recursive: true });
				writeFileSync(file, bytes);
				utimesSync(file, modified, modified);
			},
			read: (prefix) =>
				new Map(
					keysIn(bucketFolder)
						.filter((key) => key.startsWith(prefix))
						.map((key) => [key, readFileSync(fileOf(key))]),
				),
			remove: (key) => rmSync(fileOf(key)),
			stop,
		};
	});
}
