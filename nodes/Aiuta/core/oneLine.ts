/** Make one line of a text that somebody else wrote: a line break in it would begin a line of its own. */
export function oneLine(text: string): string {
	return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
