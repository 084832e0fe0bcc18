import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { keepOperationLines } from '../e2e/operationLines';

it('every operation that n8n says is created is shown and in the file, also of a line in two pieces', () => {
	const folder = mkdtempSync(join(tmpdir(), 'operations-'));
	try {
		const file = join(folder, 'operations.log');
		const shown: string[] = [];
		const listen = keepOperationLines(file, (line) => shown.push(line));
		listen(
			'Editor is now accessible\n2026 info Aiuta operation op-1 created for product RED (item 0)\n',
		);
		listen('Aiuta operation op-2 crea');
		expect(shown).toHaveLength(1);
		listen('ted (item 1)\r\nsomething else\n');
		expect(shown.map((line) => line.replace(/^\S+ /, ''))).toEqual([
			'Aiuta operation op-1 created for product RED (item 0)',
			'Aiuta operation op-2 created (item 1)',
		]);
		expect(readFileSync(file, 'utf8')).toBe(shown.map((line) => `${line}\n`).join(''));
	} finally {
		rmSync(folder, { recursive: true });
	}
});
