/** Memory and processor time of another process, as the Linux kernel counts them (proc(5)). */
import { readFileSync, writeFileSync } from 'node:fs';

const KILOBYTE = 1024;
/** USER_HZ, which is 100 on every Linux this runs on (`getconf CLK_TCK`). */
const TICKS_PER_SECOND = 100;
const RESET_PEAK = '5';

/** Resident memory of a process, now and at its peak. */
export interface ProcessMemory {
	nowBytes: number;
	peakBytes: number;
}

/** Read resident memory from the text of /proc/<pid>/status; throws where it is not in there. */
export function readMemory(status: string): ProcessMemory {
	const bytesOf = (field: string): number => {
		const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
		if (kilobytes === undefined) throw new Error(`the status of a process has no ${field}`);
		return Number(kilobytes) * KILOBYTE;
	};
	return { nowBytes: bytesOf('VmRSS'), peakBytes: bytesOf('VmHWM') };
}

/** Read the seconds in user and kernel mode, children left out, from the text of /proc/<pid>/stat. */
export function readCpuSeconds(stat: string): number {
	// The program's name may hold spaces; the fields are counted from behind it: state is the third.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const [userTicks, systemTicks] = [fields[11], fields[12]];
	if (userTicks === undefined || systemTicks === undefined) {
		throw new Error('the stat of a process has another form');
	}
	return (Number(userTicks) + Number(systemTicks)) / TICKS_PER_SECOND;
}

/** Make the peak of a process's resident memory start anew at what it uses now. */
export function resetPeakMemory(pid: number): void {
	writeFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK);
}

/** Read the resident memory of a process; throws where there is no /proc (anywhere but Linux). */
export function memoryOf(pid: number): ProcessMemory {
	return readMemory(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** Read the processor time a process has used so far, in seconds. */
export function cpuSecondsOf(pid: number): number {
	return readCpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
