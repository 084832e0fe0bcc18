/** Pictures of the example workflows as the editor draws them, for examples/README.md. */
import type { Page } from 'playwright-core';

import type { Flow } from '../../support/n8n/n8nFlows';
import type { Host } from '../../support/n8n/n8nHost';
import { at } from '../../support/n8n/n8nValues';
import { exampleFiles, readExample } from './files';

/** The canvas glides to what it is told to show. */
const SETTLE_MS = 1500;
/** The editor draws a node about so wide and high; its name stands below it (observed). */
const NODE_SIZE = { width: 200, height: 150 };
/** Small enough for a repository, large enough to read the names of the nodes. */
const SCALE = 0.72;
/** The editor leaves a margin around what it fits into the view, and has bars at three sides of it. */
const MARGIN = { width: 330, height: 190 };
/** What of a node lies outside of its box: its name, and the plus of an output that leads nowhere. */
const AROUND = { left: 40, top: 20, right: 50, bottom: 50 };
/** What lies over or under the canvas and is no part of the workflow. */
const NO_PART_OF_IT = [
	'canvas-background',
	'canvas-controls',
	'execute-workflow-button',
	'workflow-chat-button',
];

/** The view in which the editor shows the whole workflow at the scale of the pictures. */
function viewOf({ nodes }: Flow): { width: number; height: number } {
	const boxes = nodes.map(({ position: [left, top], parameters }) => ({
		left,
		top,
		right: left + Number(at(parameters, 'width') ?? NODE_SIZE.width),
		bottom: top + Number(at(parameters, 'height') ?? NODE_SIZE.height),
	}));
	const width =
		Math.max(...boxes.map(({ right }) => right)) - Math.min(...boxes.map(({ left }) => left));
	const height =
		Math.max(...boxes.map(({ bottom }) => bottom)) - Math.min(...boxes.map(({ top }) => top));
	return {
		width: Math.round(width * SCALE) + MARGIN.width,
		height: Math.round(height * SCALE) + MARGIN.height,
	};
}

/** Wait until the editor has drawn so many nodes and notes, let it show them all, and cut them out. */
async function cutOut(page: Page, count: number): Promise<Buffer> {
	const hidden = NO_PART_OF_IT.map((id) => `[data-test-id="${id}"]`).join(', ');
	await page.addStyleTag({ content: `${hidden} { visibility: hidden; }` });
	const drawn = page.locator('.vue-flow__node');
	await drawn.nth(count - 1).waitFor();
	await page.keyboard.press('1');
	await page.waitForTimeout(SETTLE_MS);
	// One step further away: the bars and buttons at the sides must not reach into the picture.
	await page.keyboard.press('-');
	await page.waitForTimeout(SETTLE_MS);
	const boxes = (await Promise.all((await drawn.all()).map((node) => node.boundingBox()))).filter(
		(box) => box !== null,
	);
	const x = Math.min(...boxes.map((box) => box.x)) - AROUND.left;
	const y = Math.min(...boxes.map((box) => box.y)) - AROUND.top;
	const right = Math.max(...boxes.map((box) => box.x + box.width)) + AROUND.right;
	const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + AROUND.bottom;
	return await page.screenshot({ clip: { x, y, width: right - x, height: bottom - y } });
}

/**
 * Open every example in the editor and hand over a PNG of its canvas, named after its file.
 *
 * @throws Error when the editor does not draw all nodes of an example
 */
export async function pictureExamples(
	page: Page,
	host: Host,
	keep: (png: Buffer, name: string) => Promise<void>,
): Promise<void> {
	for (const file of exampleFiles()) {
		const flow = readExample(file, host);
		const { id } = await host.client.createFlow(flow);
		await page.setViewportSize(viewOf(flow));
		await page.goto(`${host.server.url}/workflow/${id}`);
		await keep(await cutOut(page, flow.nodes.length), `example-${file.replace(/\.json$/, '')}`);
	}
}
