/** The examples that people use directly: the form and the agent. */
import assert from 'node:assert/strict';

import { START, manualTrigger, smallPhoto } from '../../support/n8n/n8nFlows';
import { poll } from '../../support/n8n/n8nServer';
import { at, textAt } from '../../support/n8n/n8nValues';
import { example, type ExampleCase } from './catalogueCases';
import { isPng } from '../cases/case';
import { change, readExample } from './files';
import { runExample, type ExampleContext } from './host';
import { readWithLedger } from './ledger';
import { startChatModel } from './model';
import { hostPhoto } from './photos';

const APPEARS_LIMIT_MS = 30_000;
const REQUEST_LIMIT_MS = 10_000;
const EXECUTION_LIMIT_MS = 60_000;
const FORM_PATH = 'aiuta-flat-lay';
const MODEL_KEY = 'stand-in-key';

/** Submit the form as a browser does, once it is there; returns where its next page will be. */
async function submitForm(url: string, title: string): Promise<string> {
	const photos = [await smallPhoto(1), await smallPhoto(2)];
	const answer = await poll(async () => {
		const body = new FormData();
		body.append('field-0', 'DRESS-1');
		body.append('field-1', title);
		for (const photo of photos) {
			const blob = new Blob([new Uint8Array(photo)], { type: 'image/jpeg' });
			body.append('field-2', blob, 'photo.jpg');
		}
		const response = await fetch(`${url}/form/${FORM_PATH}`, { method: 'POST', body });
		const text = await response.text();
		return response.status === 404 ? undefined : { status: response.status, text };
	}, APPEARS_LIMIT_MS);
	assert.equal(answer?.status, 200, answer?.text.slice(0, 300));
	return textAt(JSON.parse(answer.text), 'formWaitingUrl');
}

/** Open the form's last page once the execution has come to it, asking for its state as a browser does. */
async function lastPage(address: string, url: string): Promise<string> {
	// n8n names itself by its public address; the test reaches it on the loopback one.
	const { pathname, search } = new URL(address);
	const read = async (path: string) => {
		const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
		return await (await fetch(`${url}${path}${search}`, { signal })).text();
	};
	let state = '';
	const isThere = await poll(async () => {
		state = await read(`${pathname}/n8n-execution-status`);
		return state === 'form-waiting' || state === 'success' ? true : undefined;
	}, EXECUTION_LIMIT_MS);
	assert.ok(isThere, `the form has a last page; its state is ${state}`);
	return await read(pathname);
}

/** Let the agent's model call the tool with these arguments; what the agent says in the end. */
async function askAgent(
	context: ExampleContext,
	toolArguments: Readonly<Record<string, string>>,
): Promise<{ said: string; offered: string[]; described: string }> {
	const model = await startChatModel(toolArguments);
	try {
		const credential = await context.client.rest('POST', '/credentials', {
			name: 'Stand-in model',
			type: 'openAiApi',
			data: { apiKey: MODEL_KEY, url: model.url, header: false },
		});
		const flow = await readWithLedger('6-ai-agent.json', context, 'Make a flat lay');
		for (const node of flow.nodes) {
			if (node.name !== 'Model') continue;
			node['credentials'] = { openAiApi: { id: textAt(credential, 'id'), name: 'Stand-in' } };
		}
		// A chat needs a browser: the test starts by hand and says the sentence itself.
		flow.nodes = flow.nodes.filter(({ name }) => name !== 'Chat');
		flow.nodes.push(manualTrigger());
		flow.connections[START] = flow.connections['Chat'] ?? { main: [] };
		delete flow.connections['Chat'];
		const text = `Make a flat lay of ${toolArguments['image_urls'] ?? 'nothing'}`;
		change(flow, 'Agent', { promptType: 'define', text });
		const execution = await runExample(context, flow, START);
		assert.equal(model.toolAnswer().includes(context.sandbox.apiKeys.flatLays), false);
		const said = textAt(execution.items('Agent')[0]?.json, 'output');
		return { said, offered: model.offered(), described: model.described() };
	} finally {
		await model.close();
	}
}

export const peopleCases: ExampleCase[] = [
	example(
		'1-one-product-form takes photos and hands out the flat lay, or says what went wrong',
		async (context) => {
			const { client, server, sandbox } = context;
			const flow = await client.createFlow(readExample('1-one-product-form.json', context));
			await client.activate(flow);
			try {
				const good = await submitForm(server.url, 'Dress');
				const page = await lastPage(good, server.url);
				assert.ok(page.includes('Here is your flat lay'), page.slice(0, 500));
				assert.ok(page.includes('DRESS-1.png'), 'the page offers the file');
				const [id = ''] = await client.executionsOf(flow);
				const item = (await client.execution(id)).items('Generate and Wait')[0];
				assert.equal(at(item?.json, 'uploaded_image_ids', 'length'), 2);
				assert.ok(isPng(await client.binary(item?.binary['data']?.id ?? '')));
				const bad = await submitForm(server.url, 'Dress [fail]');
				const said = await lastPage(bad, server.url);
				assert.ok(said.includes('That did not work'), said.slice(0, 500));
				assert.match(said, /Aiuta could not make the picture: .*\. Go back/);
				for (const { operationId = 'none' } of sandbox.stats().creates) {
					assert.ok(!said.includes(operationId), 'a visitor is told no ID');
				}
				assert.equal(sandbox.stats().createsAccepted, 2);
				assert.equal(sandbox.stats().uploads.length, 4);
			} finally {
				await client.deactivate(flow);
			}
		},
	),
	example(
		'6-ai-agent calls the node as its tool once and answers with the picture',
		async (context) => {
			const { sandbox } = context;
			const photo = await hostPhoto(sandbox, 3);
			const { said, offered, described } = await askAgent(context, {
				image_urls: photo.url,
				product_id: 'DRESS-1',
				title: 'red dress',
			});
			const [created] = sandbox.stats().creates;
			assert.equal(sandbox.stats().createsAccepted, 1);
			assert.deepEqual(offered, ['Make_a_flat_lay']);
			assert.ok(said.includes(created?.operationId ?? 'none'), said);
			assert.match(said, /image_url/);
			assert.match(described, /Aiuta charges for each call.*picture_url/);
			const [link = ''] = /https?:[^"\\]+signed[^"\\]+/.exec(said) ?? [];
			const picture = await fetch(link);
			assert.equal(picture.status, 200, said);
			assert.ok(isPng(Buffer.from(await picture.arrayBuffer())));
		},
	),
	example('6-ai-agent gets the picture that exists when it asks a second time', async (context) => {
		const { url } = await hostPhoto(context.sandbox, 5);
		const wanted = { image_urls: url, product_id: 'DRESS-5', title: 'red dress' };
		const first = await askAgent(context, wanted);
		const second = await askAgent(context, wanted);
		const [created] = context.sandbox.stats().creates;
		for (const { said } of [first, second]) {
			assert.ok(said.includes(created?.operationId ?? 'none'), said);
		}
		assert.equal(context.sandbox.stats().createsAccepted, 1);
	}),
	example('6-ai-agent is told in words why Aiuta could not make the picture', async (context) => {
		const photo = await hostPhoto(context.sandbox, 4);
		const { said } = await askAgent(context, {
			image_urls: photo.url,
			product_id: 'DRESS-2',
			title: 'red dress [fail]',
		});
		assert.match(said, /Aiuta could not make the picture: /);
		assert.match(said, /delete its row there, or choose Generate Again/);
	}),
	example('6-ai-agent is told in words that an address cannot be used', async (context) => {
		const { said } = await askAgent(context, {
			image_urls: 'http://photos.example/dress.jpg',
			product_id: 'DRESS-3',
			title: 'red dress',
		});
		assert.match(said, /Image URLs.*does not start with https/);
		assert.equal(context.sandbox.stats().createsAccepted, 0);
	}),
];
