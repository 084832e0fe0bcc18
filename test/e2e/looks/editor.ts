/** Moves about in n8n's editor the way a user does. */
import type { Locator, Page } from 'playwright-core';

import { AIUTA } from '../../support/n8n/n8nFlows';
import type { Host } from '../../support/n8n/n8nHost';

/** The usual size of a window, and one in which the whole panel of the node is seen at once. */
export const VIEW = { width: 1280, height: 760 };
export const TALL_VIEW = { width: 1280, height: 1500 };
/** Panels slide in. */
const SETTLE_MS = 1500;

/** Hands over what the page shows, or a part of it, under a name. */
export type Keep = (png: Buffer, name: string) => Promise<void>;

export function byTestId(page: Page, id: string): Locator {
	return page.locator(`[data-test-id="${id}"]`);
}

export function canvasNode(page: Page, name = AIUTA): Locator {
	return page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
}

/** Take a picture once everything has come to rest. */
export async function shoot(page: Page, part?: Locator): Promise<Buffer> {
	await page.waitForTimeout(SETTLE_MS);
	return await (part ?? page).screenshot();
}

export async function logIn(page: Page, { server, owner }: Host): Promise<void> {
	await page.goto(`${server.url}/signin`);
	await page.locator('input[name="emailOrLdapLoginId"]').fill(owner.email);
	await page.locator('input[name="password"]').fill(owner.password);
	await byTestId(page, 'form-submit-button').click();
	await page.waitForURL(/\/(home|workflow)/);
}

/** Open the panel of the node in a workflow that is open. */
async function openPanel(page: Page): Promise<void> {
	await canvasNode(page).dblclick();
	await byTestId(page, 'parameter-input').first().waitFor();
}

/** Open a workflow, and the panel of the node in it. */
export async function openNode(page: Page, url: string): Promise<void> {
	await page.goto(url);
	await openPanel(page);
}

/** Press Execute workflow, wait for n8n's verdict, and open the node. */
export async function execute(page: Page, url: string, verdict: string): Promise<void> {
	await page.goto(url);
	await byTestId(page, 'execute-workflow-button').first().click();
	await page.getByText(verdict).first().waitFor();
	await openPanel(page);
}
