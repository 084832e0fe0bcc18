/** The systems by name. */
import type { SystemName } from '../results';
import { handBuiltSystem } from './handBuilt';
import { ledgerSystem, nodeSystem } from './node';
import { serialSystem } from './serial';
import type { System } from './system';

export const SYSTEMS: Readonly<Record<SystemName, System>> = {
	node: nodeSystem,
	handBuilt: handBuiltSystem,
	serial: serialSystem,
	ledger: ledgerSystem,
};
