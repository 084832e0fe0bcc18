/**
 * Watches the HTTP requests that leave this process, from the client's side: also those that no server
 * will ever see. What a host passes on as its timeout can be shortened here, request by request,
 * because it runs in real time whatever the node's clock says.
 */
import { ClientRequest } from 'node:http';

export interface TappedRequest {
	method: string;
	path: string;
	host: string;
	/** What the caller asked for, in milliseconds. */
	timeoutMs: number;
	/** Call back when the request has ended, answered or failed. */
	onEnd: (listener: () => void) => void;
}

/**
 * Call back for every request with a timeout before its connection is begun (axios sets the timeout in
 * the turn that makes the request; Node.js connects in the next). Ends when jest restores its mocks.
 *
 * @param listener returns the timeout to use, in milliseconds
 */
export function tapClient(listener: (request: TappedRequest) => number): void {
	const original = Object.getOwnPropertyDescriptor(ClientRequest.prototype, 'setTimeout')
		?.value as ClientRequest['setTimeout'];
	jest.spyOn(ClientRequest.prototype, 'setTimeout').mockImplementation(function (
		this: ClientRequest,
		timeoutMs,
		callback,
	) {
		const { method, path, host } = this;
		const onEnd = (ended: () => void) => void this.once('close', ended);
		const usedMs = listener({ method, path, host, timeoutMs, onEnd });
		return original.call(this, usedMs, callback);
	});
}
