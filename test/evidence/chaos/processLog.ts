/** Collects what n8n processes print, and when each operation ID was first seen in it. */
const CREATED_LINE = /Aiuta operation (\S+) created/g;
/** A line may come in two pieces. */
const OVERLAP_LENGTH = 200;

export class ProcessLog {
	private printed = '';

	private readonly seenAtMs = new Map<string, number>();

	/** Everything printed since the last reset. */
	get text(): string {
		return this.printed;
	}

	/** Take what a process has printed just now. */
	add(text: string, nowMs: number): void {
		const from = Math.max(0, this.printed.length - OVERLAP_LENGTH);
		this.printed += text;
		for (const [, id = ''] of this.printed.slice(from).matchAll(CREATED_LINE)) {
			if (!this.seenAtMs.has(id)) this.seenAtMs.set(id, nowMs);
		}
	}

	/** When an ID was first seen here; undefined when it never was. */
	seenAt(operationId: string): number | undefined {
		return this.seenAtMs.get(operationId);
	}

	reset(): void {
		this.printed = '';
		this.seenAtMs.clear();
	}
}
