/** The fault table as connections see it: every fault a socket can meet, with what follows a call. */
import type { CutPoint } from '../support/net/faultEffects';
import { APIS, type Api } from './engine.support';
import {
	CALLS,
	cut,
	leavesAnswerWhole,
	rawAnswer,
	type CallKind,
	type SocketFault,
} from './sockets.support';

/** Rows of the fault table, by what each call does after it. */
export type FaultClass = 'neverOpened' | 'connectionLost' | 'serverError' | 'redirect';

/** `deadline`: repeated as long as Max Wait allows. */
type Retries = number | 'deadline';

const RETRIES: Readonly<Record<FaultClass, Readonly<Record<CallKind, Retries>>>> = {
	neverOpened: { upload: 5, create: 5, get: 5, delete: 5, download: 5 },
	connectionLost: { upload: 3, create: 0, get: 5, delete: 5, download: 3 },
	serverError: { upload: 3, create: 0, get: 'deadline', delete: 3, download: 3 },
	redirect: { upload: 0, create: 0, get: 0, delete: 0, download: 0 },
};

/** The code of the item whose request failed for good. */
export const CODES: Readonly<Record<CallKind, Readonly<Record<FaultClass, string>>>> = {
	upload: {
		neverOpened: 'HOST_UNREACHABLE',
		connectionLost: 'UPLOAD_FAILED',
		serverError: 'UPLOAD_FAILED',
		redirect: 'REDIRECTED',
	},
	create: {
		neverOpened: 'CREATE_NOT_SENT',
		connectionLost: 'CREATE_OUTCOME_UNKNOWN',
		serverError: 'CREATE_OUTCOME_UNKNOWN',
		redirect: 'CREATE_OUTCOME_UNKNOWN',
	},
	get: {
		neverOpened: 'STATE_UNKNOWN',
		connectionLost: 'STATE_UNKNOWN',
		serverError: 'TIMED_OUT',
		redirect: 'STATE_UNKNOWN',
	},
	delete: {
		neverOpened: 'HOST_UNREACHABLE',
		connectionLost: 'REQUEST_FAILED',
		serverError: 'REQUEST_FAILED',
		redirect: 'REDIRECTED',
	},
	download: {
		neverOpened: 'DOWNLOAD_FAILED',
		connectionLost: 'DOWNLOAD_FAILED',
		serverError: 'DOWNLOAD_FAILED',
		redirect: 'DOWNLOAD_FAILED',
	},
};

export const BAD_GATEWAY = rawAnswer(
	'502 Bad Gateway',
	['Content-Type: text/html'],
	'<html>Bad gateway</html>',
);

export interface Row {
	what: string;
	fault: SocketFault;
	faultClass: FaultClass;
	/** Whether the sandbox has acted on a request that met the fault. */
	isAccepted: boolean;
}

const POINTS: ReadonlyArray<readonly [CutPoint, string]> = [
	['request', 'after the request was read and before it was passed on'],
	['accepted', 'after the request took effect and before any byte of the answer'],
	['head', 'after the head of the answer'],
	['body', 'in the middle of the body'],
];

const CUTS: Row[] = POINTS.flatMap(([at, when]) =>
	(
		[
			['reset', `a reset ${when}`],
			['close', `a connection closed ${when}`],
			['stall', `a silence ${when}`],
		] as const
	).map(([by, what]): Row => {
		const isAccepted = at !== 'request';
		return { what, fault: cut(at, by), faultClass: 'connectionLost', isAccepted };
	}),
);

const ROWS: Row[] = [
	{
		what: 'a refused connection',
		fault: { kind: 'refuse' },
		faultClass: 'neverOpened',
		isAccepted: false,
	},
	{
		what: 'a reset as soon as the connection is accepted',
		fault: { kind: 'resetOnConnect' },
		faultClass: 'connectionLost',
		isAccepted: false,
	},
	...CUTS,
	{
		what: 'an answer that cannot be unpacked',
		fault: rawAnswer(
			'200 OK',
			['Content-Type: application/json', 'Content-Encoding: gzip'],
			'this is no gzip',
		),
		faultClass: 'connectionLost',
		isAccepted: false,
	},
	{
		what: 'a 502 with a page, and the connection closed',
		fault: BAD_GATEWAY,
		faultClass: 'serverError',
		isAccepted: false,
	},
];

/** A stalled picture is given up by the node's own clock, half a second of real time a try. */
function isSlow(call: CallKind, { fault }: Row): boolean {
	return call === 'download' && fault.kind === 'cut' && fault.by === 'stall';
}

export interface Cell extends Row {
	call: CallKind;
	api: Api;
	/** Retries before it is given up. */
	retries: number;
	/** `retries` and the first try. */
	tries: string;
}

/** A create costs money, so it is tried on every generation of the API. */
function apisOf(call: CallKind): readonly Api[] {
	return call === 'create' ? APIS : ['flatLays'];
}

const CELLS: Cell[] = ROWS.flatMap((row) =>
	CALLS.flatMap((call) => {
		const retries = RETRIES[row.faultClass][call];
		if (retries === 'deadline' || leavesAnswerWhole(call, row.fault)) return [];
		const tries = retries === 0 ? 'once' : `${retries + 1} times`;
		return apisOf(call).map((api) => ({ ...row, call, api, retries, tries }));
	}),
);

function isCutAt(cell: Row, point: CutPoint): boolean {
	return cell.fault.kind === 'cut' && cell.fault.at === point;
}

export const HEALING = CELLS.filter(
	(cell) => cell.retries > 0 && !(isSlow(cell.call, cell) && isCutAt(cell, 'body')),
);
export const LASTING = CELLS.filter((cell) => !(isSlow(cell.call, cell) && isCutAt(cell, 'head')));
export const LOST_CREATES = ROWS.filter(({ faultClass }) => RETRIES[faultClass].create === 0);

/** Deletes that are complete before the fault strikes. */
export const HARMLESS = CUTS.filter((row) => leavesAnswerWhole('delete', row.fault));
