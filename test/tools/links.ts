/**
 * Reads links off Markdown pages and says which lead nowhere: files that do not exist and headings that
 * are not there. Addresses on the web are left alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** A page without its code, where brackets and hashes mean something else. */
function prose(markdown: string): string {
	return markdown.replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, (code) => code.slice(1, -1));
}

/** The anchor that GitHub gives a heading: lower case, spaces to hyphens, nothing but word characters. */
export function anchorOf(heading: string): string {
	return heading
		.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
		.trim()
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\s_-]/gu, '')
		.replace(/\s/g, '-');
}

/** All anchors of a page; a heading that stands there a second time gets a number. */
export function anchorsOf(markdown: string): Set<string> {
	const anchors = new Set<string>();
	for (const [, heading = ''] of prose(markdown).matchAll(/^#{1,6} +(.+)$/gm)) {
		const anchor = anchorOf(heading);
		let distinct = anchor;
		for (let count = 1; anchors.has(distinct); count += 1) distinct = `${anchor}-${count}`;
		anchors.add(distinct);
	}
	return anchors;
}

/** Where the links and pictures of a page lead to, as written, without those to the web. */
export function localLinks(markdown: string): string[] {
	return [...prose(markdown).matchAll(/\]\(([^)\s]+)\)/g)]
		.flatMap(([, target]) => target ?? [])
		.filter((target) => !/^[a-z]+:/i.test(target));
}

/** The links of a page that lead nowhere, each with the reason. */
export function brokenLinks(page: string): string[] {
	const markdown = readFileSync(page, 'utf8');
	return localLinks(markdown).flatMap((link) => {
		const [path = '', anchor] = link.split('#');
		const target = path === '' ? page : join(dirname(page), decodeURIComponent(path));
		if (!existsSync(target)) return [`${link}: there is no such file`];
		if (anchor === undefined) return [];
		const found = anchorsOf(readFileSync(target, 'utf8'));
		return found.has(anchor)
			? []
			: [`${link}: ${relative(dirname(page), target)} has no such heading`];
	});
}
