/** How a command of the project tells its caller what it found. */

/** Exit with 0 when the promised verdict is good, with 1 when it is not or the command broke down. */
export function exitWith(verdict: Promise<boolean>): void {
	verdict.then(
		(isGood) => {
			process.exitCode = isGood ? 0 : 1;
		},
		(error: unknown) => {
			console.error(error);
			process.exitCode = 1;
		},
	);
}
