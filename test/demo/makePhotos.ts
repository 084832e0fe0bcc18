/**
 * Draws the sample photos (`photos/<product>/{front,back}.jpg`): the kind of snapshot a small shop has,
 * a garment on the floor with things lying around. The results are kept as files; run this again
 * only to change them: `npx tsx test/demo/makePhotos.ts`.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { GARMENTS, type GarmentName } from './garmentDrawings';

const WIDTH_PX = 800;
const HEIGHT_PX = 1000;
const JPEG_QUALITY = 72;

const gradient = (id: string, from: string, to: string) =>
	`<linearGradient id="${id}" x1="0" y1="0" x2="1" y2="1">
		<stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient>`;

const DEFS = `<defs>
	${gradient('red', '#e0394a', '#b3182b')}${gradient('denim', '#4f80b8', '#2d5687')}
	${gradient('green', '#5d9160', '#3a6a3f')}
	<filter id="soft" x="-50%" y="-50%" width="200%" height="200%">
		<feGaussianBlur stdDeviation="6"/></filter>
	<filter id="drop" x="-20%" y="-20%" width="140%" height="140%">
		<feDropShadow dx="10" dy="16" stdDeviation="12" flood-color="#1c120a" flood-opacity="0.45"/>
	</filter>
	<filter id="small" x="-30%" y="-30%" width="160%" height="160%">
		<feDropShadow dx="4" dy="7" stdDeviation="5" flood-color="#1c120a" flood-opacity="0.4"/>
	</filter>
	<radialGradient id="light" cx="30%" cy="20%" r="105%"><stop offset="0.35" stop-color="#fff"
		stop-opacity="0.14"/><stop offset="1" stop-color="#1a0f05" stop-opacity="0.34"/>
	</radialGradient></defs>`;

function floorboards(): string {
	const tones = ['#c79a6b', '#bd8f60', '#d0a677', '#c29465', '#b98a5a'];
	return tones
		.map((tone, index) => {
			const x = index * 160;
			const seam = 240 + ((index * 370) % 560);
			return `<rect x="${x}" width="160" height="1000" fill="${tone}"/>
				<path d="M${x} 0 V1000 M${x} ${seam} h160" stroke="#7b5331" stroke-width="4"/>
				<path d="M${x + 50} 0 q26 300 -8 520 t14 480 M${x + 104} 0 q-22 260 10 500 t-8 500"
					stroke="#8f6540" stroke-opacity="0.35" stroke-width="3" fill="none"/>`;
		})
		.join('');
}

function rug(): string {
	const rows = Array.from(
		{ length: 13 },
		(_unused, index) =>
			`<path d="M-20 ${index * 84} ${'l42 34 l42 -34 '.repeat(10)}" fill="none"
				stroke="${index % 2 === 0 ? '#e9c46a' : '#f4e3c1'}" stroke-width="12"/>`,
	);
	return `<rect width="800" height="1000" fill="#cf8a5b"/>${rows.join('')}`;
}

function sheet(): string {
	const creases = [
		'M-20 180 Q260 90 420 240 T820 160',
		'M-20 480 Q160 420 240 520 T820 640',
		'M60 1020 Q160 760 380 860 T830 900',
		'M640 -20 Q560 160 700 320 T760 560',
	].map(
		(path) => `<path d="${path}" fill="none" stroke="#b58a97" stroke-width="26"
			stroke-opacity="0.4" filter="url(#soft)"/>
		<path d="${path}" transform="translate(0 -18)" fill="none" stroke="#fff" stroke-width="14"
			stroke-opacity="0.5" filter="url(#soft)"/>`,
	);
	return `<rect width="800" height="1000" fill="#efc9cf"/>${creases.join('')}`;
}

function tiles(): string {
	const cells = Array.from({ length: 20 }, (_unused, index) => {
		const x = (index % 4) * 200;
		const y = Math.floor(index / 4) * 200;
		const tone = (index + Math.floor(index / 4)) % 2 === 0 ? '#a9cfd0' : '#d9ece6';
		return `<rect x="${x + 4}" y="${y + 4}" width="192" height="192" rx="8" fill="${tone}"/>`;
	});
	return `<rect width="800" height="1000" fill="#8fa9a6"/>${cells.join('')}`;
}

const cup = `<g filter="url(#small)"><circle r="74" fill="#fbf7ef"/><circle r="50" fill="#f1e7d6"/>
	<path d="M44 -18 q44 -6 40 22 q-8 26 -44 14" fill="none" stroke="#fbf7ef" stroke-width="13"/>
	<circle r="42" fill="#6f4426"/><path d="M-18 -6 q14 -18 26 -2 q8 16 -8 20" stroke="#c99a6b"
	stroke-width="6" fill="none"/></g>`;
const leaf = `<g filter="url(#small)"><path d="M0 0 C50 -70 120 -70 160 -20 C110 20 50 40 0 0"
	fill="#4f9b63"/><path d="M0 0 Q80 -30 160 -20 M50 -14 l14 -30 M50 -14 l30 20 M94 -22 l12 -24"
	stroke="#2f6b40" stroke-width="4" fill="none"/></g>`;
const keys = `<g filter="url(#small)" fill="none" stroke="#c9a13b" stroke-width="9">
	<circle r="24"/><path d="M20 14 L84 62 M62 46 l-12 16 M78 58 l-12 16"/>
	<path d="M-8 24 L-20 100 M-18 84 l18 4 M-16 66 l18 4"/></g>`;
const sock = `<g filter="url(#small)"><path d="M0 0 h58 v86 q4 24 38 34 q34 14 14 44 q-14 14 -62 0
	q-48 -16 -48 -74 Z" fill="#f6b93b"/><path d="M0 20 h58 M0 44 h58" stroke="#e55039"
	stroke-width="11"/></g>`;
const yarn = `<g filter="url(#small)"><circle r="62" fill="#7d6bc4"/>
	<path d="M-50 -30 Q0 20 48 -34 M-60 4 Q0 52 58 10 M-26 -54 Q10 0 -12 58 M20 -58 Q44 0 22 58"
	fill="none" stroke="#b3a6e8" stroke-width="6"/><path d="M40 46 q60 40 30 84 t60 50" fill="none"
	stroke="#7d6bc4" stroke-width="7"/></g>`;

const at = (thing: string, x: number, y: number, turn = 0) =>
	`<g transform="translate(${x} ${y}) rotate(${turn})">${thing}</g>`;

/** Where each garment lies, what is around it, and how crooked it lies in each photo. */
const SCENES: Record<
	GarmentName,
	{ ground: string; things: [string, string]; turn: [number, number] }
> = {
	'red-dress': {
		ground: floorboards(),
		things: [
			at(leaf, 36, 150, 20) + at(keys, 690, 190, 10),
			at(cup, 96, 120) + at(leaf, 640, 170, -30),
		],
		turn: [-4, 5],
	},
	'blue-jeans': {
		ground: rug(),
		things: [
			at(sock, 650, 560, 14) + at(cup, 104, 118),
			at(keys, 108, 200, -20) + at(yarn, 690, 130),
		],
		turn: [3, -5],
	},
	'striped-t-shirt': {
		ground: sheet(),
		things: [
			at(yarn, 90, 750) + at(leaf, 610, 120, 10),
			at(sock, 640, 640, 24) + at(keys, 100, 110),
		],
		turn: [5, -3],
	},
	'green-jacket': {
		ground: tiles(),
		things: [
			at(cup, 690, 112) + at(keys, 70, 100, 30),
			at(leaf, 30, 900, -24) + at(yarn, 690, 880),
		],
		turn: [-3, 4],
	},
};

async function makePhoto(name: GarmentName, back: boolean): Promise<void> {
	const { ground, things, turn } = SCENES[name];
	const side = back ? 1 : 0;
	const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}"
		height="${HEIGHT_PX}">${DEFS}${ground}${things[side]}
		<g filter="url(#drop)"><g transform="rotate(${turn[side]} 400 500)">
		${GARMENTS[name](back)}</g></g><rect width="100%" height="100%" fill="url(#light)"/></svg>`;
	const folder = join(__dirname, 'photos', name);
	await mkdir(folder, { recursive: true });
	await sharp(Buffer.from(drawing))
		.flatten()
		.jpeg({ quality: JPEG_QUALITY, mozjpeg: true })
		.toFile(join(folder, back ? 'back.jpg' : 'front.jpg'));
}

async function main(): Promise<void> {
	for (const name of Object.keys(GARMENTS) as GarmentName[]) {
		await makePhoto(name, false);
		await makePhoto(name, true);
	}
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
