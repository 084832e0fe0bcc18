import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { FAILURES } from '../../nodes/Aiuta/api/failureCatalogue';
import { ERROR_DOCS_FILE, errorDocs } from '../tools/errorDocs';

const README = readFileSync(join(__dirname, '../../README.md'), 'utf8');
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

describe('the README', () => {
	it('names no error code that the node does not know', () => {
		const named = [...README.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].flatMap(([, name]) => name ?? []);
		const elsewhere = /^(IN_PROGRESS|AIUTA_|QUEUE_|N8N_|EXECUTIONS_)/;
		const codes = named.filter((name) => !elsewhere.test(name));
		expect(codes).toContain('TIMED_OUT');
		expect(codes.filter((code) => !(code in FAILURES))).toEqual([]);
	});
});
