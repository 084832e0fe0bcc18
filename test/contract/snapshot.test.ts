/**
 * Saved workflows hold parameter names and values. This compares the live description with the one
 * committed beside it, so that a change of the contract is seen in review and never by accident.
 * After an intended change: UPDATE_CONTRACT_SNAPSHOT=1 npm run test:contract && npm run format
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { INodeProperties } from 'n8n-workflow';

import { AiutaApi } from '../../credentials/AiutaApi.credentials';
import { choices, collectionFields, nodeDescription } from '../support/n8n/description';

const SNAPSHOT_FILE = join(__dirname, 'contract.snapshot.json');
const UPDATING = process.env['UPDATE_CONTRACT_SNAPSHOT'] === '1';

/** The parts of a property that a saved workflow depends on. */
function contractOf(property: INodeProperties): object {
	const values = choices(property).map(({ value }) => value);
	const fields = collectionFields(property).map(contractOf);
	return {
		name: property.name,
		type: property.type,
		default: property.default,
		...(property.required === true ? { required: true } : {}),
		...(property.displayOptions === undefined ? {} : { displayOptions: property.displayOptions }),
		...(values.length === 0 ? {} : { values }),
		...(fields.length === 0 ? {} : { fields }),
	};
}

function liveContract(): unknown {
	const credential = new AiutaApi();
	const contract = {
		node: {
			name: nodeDescription.name,
			version: nodeDescription.version,
			credentials: nodeDescription.credentials,
			properties: nodeDescription.properties.map(contractOf),
		},
		credential: { name: credential.name, properties: credential.properties.map(contractOf) },
	};
	return JSON.parse(JSON.stringify(contract));
}

it('is the contract that was committed', () => {
	const live = liveContract();
	if (UPDATING) writeFileSync(SNAPSHOT_FILE, `${JSON.stringify(live, null, '\t')}\n`);
	const committed: unknown = JSON.parse(readFileSync(SNAPSHOT_FILE, 'utf8'));
	expect(live).toEqual(committed);
});

it('is updated by hand only, never where tests run by themselves', () => {
	expect(UPDATING && process.env['CI'] !== undefined).toBe(false);
});
