/**
 * Writes `docs/errors.md` from the node's catalogue of failures:
 * `npx tsx test/tools/errorDocs.ts`. A contract test holds the file to the code.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { FAILURES, type Paid } from '../../nodes/Aiuta/api/failureCatalogue';

/** Where the page lies. */
export const ERROR_DOCS_FILE = join(__dirname, '../../docs/errors.md');

const INTRODUCTION = `# Errors

When something goes wrong with an item, the failed item carries an \`error\` object, and \`error.code\`
says which of the cases below it is. How failed items look and where they come out is described in
[Operations](operations.md#failed-items), what to do about money in [Money and retries](money-and-retries.md).

- **Can pass**: whether what caused it can go away while the item stays as it is. A failed item says
  \`retryable: true\` where it can, and where feeding the same item to the node again creates nothing that
  exists already. It says \`resumable: true\` where an operation exists that has not failed: Wait for
  Operation or Executions > Retry goes on with it, free of charge.
- **Paid**: whether an operation stands behind it that Aiuta may charge for. What Aiuta charges for a
  failed operation depends on your plan.

This page is written by \`npx tsx test/tools/errorDocs.ts\` from \`nodes/Aiuta/api/failureCatalogue.ts\`.
`;

const PAID_WORDS: Record<Paid, string> = {
	no: 'no',
	ifStarted: 'if the item has an operation ID',
	maybe: 'perhaps',
	yes: 'yes',
};

const HEAD = ['Code', 'What happened', 'Why', 'What to do', 'Can pass', 'Paid'];

function tableRow(cells: string[], widths: number[]): string {
	const padded = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0));
	return `| ${padded.join(' | ')} |`;
}

/** Render the page, laid out as prettier lays it out. */
export function errorDocs(): string {
	const rows = Object.entries(FAILURES).map(([code, kind]) => [
		`\`${code}\``,
		kind.happened,
		kind.why,
		kind.advice,
		kind.canPass ? 'yes' : 'no',
		PAID_WORDS[kind.paid],
	]);
	const widths = HEAD.map((title, column) =>
		Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
	);
	const rule = widths.map((width) => '-'.repeat(width));
	const table = [HEAD, rule, ...rows].map((row) => tableRow(row, widths)).join('\n');
	return `${INTRODUCTION}\n${table}\n`;
}

if (require.main === module) writeFileSync(ERROR_DOCS_FILE, errorDocs());
