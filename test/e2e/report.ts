/** Prints one line per case and keeps the count for the closing line. */
import { messageOf } from '../support/n8n/n8nCommand';
import { exitOnSignals } from '../support/n8n/n8nServer';

export class Report {
	private passed = 0;

	private failed = 0;

	/** Run one case within its limit and print how it went. */
	async run(
		where: string,
		title: string,
		limitMs: number,
		body: (note: (fact: string) => void) => Promise<void>,
	): Promise<boolean> {
		const startedMs = Date.now();
		const notes: string[] = [];
		let timer: NodeJS.Timeout | undefined;
		const limit = new Promise<never>((_, reject) => {
			timer = setTimeout(
				() => reject(new Error(`not at its end after ${limitMs / 1000} s`)),
				limitMs,
			);
		});
		let problem: string | undefined;
		try {
			await Promise.race([body((fact) => notes.push(fact)), limit]);
		} catch (error) {
			problem = messageOf(error);
		} finally {
			clearTimeout(timer);
		}
		const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
		const facts = notes.length === 0 ? '' : `: ${notes.join('; ')}`;
		console.log(
			`${problem === undefined ? 'ok  ' : 'FAIL'} ${where} ${title} (${seconds} s)${facts}`,
		);
		if (problem === undefined) {
			this.passed += 1;
			return true;
		}
		this.failed += 1;
		console.log(problem.replaceAll(/^/gm, '       '));
		return false;
	}

	/** Count a failure outside of any case. */
	abort(): void {
		this.failed += 1;
	}

	/** Print the closing line, the very last one, and set the exit code by it. */
	close(): void {
		console.log(`${this.passed} passed, ${this.failed} failed`);
		process.exitCode = this.failed > 0 || this.passed === 0 ? 1 : 0;
	}
}

/** Run a script of cases and print its closing line; Ctrl-C ends it with all it has started. */
export function reportOn(cases: (report: Report) => Promise<void>): void {
	exitOnSignals();
	const report = new Report();
	cases(report).then(
		() => report.close(),
		(error: unknown) => {
			console.error(error);
			report.abort();
			report.close();
		},
	);
}
