/** A generated picture: made when it is first fetched, then kept. */
import type { ImageType, Look } from '../generations/shape';
import type { Photo } from '../imageStore';
import type { SandboxSettings } from '../types';
import { compose } from './compose';
import { tinyPicture } from './tiny';

export interface PictureRequest {
	photos: Photo[];
	/** What stands in the picture where a photo has no bytes. */
	placeholders: string[];
	imageType: ImageType;
	/** 0 for the first picture of its type. */
	variant: number;
	look: Look;
}

export class Picture {
	private made: Promise<Buffer> | undefined;

	constructor(
		private readonly request: PictureRequest,
		private readonly settings: Pick<SandboxSettings, 'picture' | 'cachedPictureBytes'>,
	) {}

	/** Give the PNG. */
	async png(): Promise<Buffer> {
		const { picture, cachedPictureBytes } = this.settings;
		this.made ??= picture === 'cached' ? tinyPicture(cachedPictureBytes) : compose(this.request);
		return await this.made;
	}
}
