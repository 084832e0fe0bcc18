/** System c: a node that does one item after the other, loaded from a folder of its own. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

import { flowOf, manualTrigger, plainNode } from '../../../support/n8n/n8nFlows';
import { photosNode } from '../photos';
import {
	HEADER_CREDENTIAL,
	HEADER_CREDENTIAL_NAME,
	makeHeaderCredential,
	ownFolder,
	type System,
} from './system';

const SOURCE = join(__dirname, '../serialNode/SerialFlatLay.node.ts');
const SERIAL = 'Serial';

function writeNode(dir: string): void {
	mkdirSync(dir, { recursive: true });
	const { outputText } = ts.transpileModule(readFileSync(SOURCE, 'utf8'), {
		compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
	});
	writeFileSync(join(dir, 'SerialFlatLay.node.js'), outputText);
}

export const serialSystem: System = {
	lastNode: SERIAL,
	needsPackage: false,
	prepare: (folder) => {
		const dir = ownFolder(folder);
		writeNode(dir);
		return { N8N_CUSTOM_EXTENSIONS: dir };
	},
	makeCredential: makeHeaderCredential,
	flow: async (job) =>
		flowOf(job.name, [
			manualTrigger(),
			await photosNode(job),
			{
				...plainNode(SERIAL, 'CUSTOM.serialFlatLay', 1, { apiUrl: job.flatLaysUrl }),
				credentials: {
					[HEADER_CREDENTIAL]: { id: job.credentialId, name: HEADER_CREDENTIAL_NAME },
				},
			},
		]),
};
