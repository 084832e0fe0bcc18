import { readFileSync } from 'node:fs';

import { FAILURES } from '../../nodes/Aiuta/api/failureCatalogue';
import { ERROR_DOCS_FILE, errorDocs } from '../tools/errorDocs';

const page = readFileSync(ERROR_DOCS_FILE, 'utf8');

describe('docs/errors.md', () => {
	it('is what npx tsx test/tools/errorDocs.ts writes', () => {
		expect(page).toBe(errorDocs());
	});

	it.each(Object.entries(FAILURES))('explains %s in one row', (code, kind) => {
		const rows = page.split('\n').filter((line) => line.startsWith(`| \`${code}\``));
		expect(rows).toHaveLength(1);
		expect(rows[0]).toContain(kind.happened);
		expect(rows[0]).toContain(kind.why);
		expect(rows[0]).toContain(kind.advice);
	});
});
