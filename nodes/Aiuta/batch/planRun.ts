/** What a run would do with its products, found out without sending anything. */
import type { Generation } from '../api/generation';
import { hashFields, hashPhotos } from './inputsHash';
import type { Ledger } from './ledger';
import type { JobAction, PlannedJob } from './ledgerJobs';
import { jobKey } from './ledgerRows';
import { sourcesOf, type ProductPlan } from './plan';

/** What would become of one product. */
export interface ProductForecast {
	action: JobAction;
	/** Operations that would be created. */
	operations: number;
	images: number;
	/** Empty where there is nothing to say. */
	reason: string;
}

const NEW_JOB: PlannedJob = { action: 'create', reason: '' };

/** Of a product's operations, what says most about it. */
const ORDER: readonly JobAction[] = ['refuse', 'create', 'wait', 'return', 'skip'];

/** Plans products in the order of a run, with what the ones before leave of the budget. */
export class RunPlanner {
	private readonly planned = new Set<string>();

	private left: number;

	constructor(
		private readonly generation: Generation,
		private readonly ledger: Ledger | undefined,
	) {
		this.left = ledger?.view.budget.left ?? Number.POSITIVE_INFINITY;
	}

	async plan(product: ProductPlan): Promise<ProductForecast> {
		const jobs: PlannedJob[] = [];
		for (const place of product.operations) jobs.push(await this.planJob(product, place));
		const creates = jobs.filter(({ action }) => action === 'create').length;
		const images = imagesOf(product);
		if (creates > this.left) {
			const reason = 'The limit of operations for this day or month would be exceeded';
			return { action: 'refuse', operations: 0, images, reason };
		}
		this.left -= creates;
		const [telling = NEW_JOB] = ORDER.flatMap((one) => jobs.filter((job) => job.action === one));
		const { action, reason } = telling;
		const operations = action === 'refuse' ? 0 : creates;
		return { action, operations, images, reason };
	}

	private async planJob(
		plan: ProductPlan,
		place: ProductPlan['operations'][number],
	): Promise<PlannedJob> {
		const { ledger } = this;
		const { productId } = plan;
		if (ledger === undefined || productId === undefined) return NEW_JOB;
		const photos = ledger.comparesPhotos ? await hashPhotos(plan) : undefined;
		const fields = hashFields(this.generation, plan, place);
		const job = { ...place, productId, inputs: { fields, photos } };
		const key = jobKey(job);
		if (this.planned.has(key)) {
			return { action: 'return', reason: 'It is the same product as an item before it' };
		}
		this.planned.add(key);
		return ledger.plan(job);
	}
}

function imagesOf(plan: ProductPlan): number {
	const { images } = plan;
	switch (images.kind) {
		case 'uploadedImageIds':
			return images.ids.length;
		case 'imageUrls':
			return images.urls.length;
		default:
			return sourcesOf({ ...plan, background: undefined }).length;
	}
}
