/** The node's lines about operations it has created, picked out of what n8n prints. */
import { appendFileSync } from 'node:fs';

const CREATED = /Aiuta operation \S+ created.*$/;

/**
 * Make a listener for n8n's output that writes every operation to a file the moment it is created, so
 * that it outlives a stop or a crash of the execution, and shows it.
 */
export function keepOperationLines(
	file: string,
	show: (line: string) => void,
): (text: string) => void {
	let unfinished = '';
	return (text) => {
		const lines = (unfinished + text).split('\n');
		unfinished = lines.pop() ?? '';
		for (const line of lines) {
			const [said] = CREATED.exec(line.trimEnd()) ?? [];
			if (said === undefined) continue;
			const entry = `${new Date().toISOString()} ${said}`;
			appendFileSync(file, `${entry}\n`);
			show(entry);
		}
	};
}
