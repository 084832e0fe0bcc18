/**
 * Drawings of the sample garments, as SVG in a frame of 800 x 1000, drawn for this project.
 * Each garment lies flat; front and back differ in the details one would look for.
 */

const STITCH = 'fill="none" stroke-dasharray="7 5" stroke-width="2.5" stroke-linecap="round"';

function fold(path: string, opacity = 0.16): string {
	return `<path d="${path}" fill="none" stroke="#000" stroke-opacity="${opacity}" stroke-width="9"
		stroke-linecap="round" filter="url(#soft)"/>`;
}

function dress(back: boolean): string {
	const neck = back ? 'M330 190 Q400 225 470 190' : 'M330 190 Q345 300 400 318 Q455 300 470 190';
	const outline = `${neck} L505 178 Q520 260 548 318 L505 352 Q492 420 500 470
		Q560 640 618 838 Q510 884 400 878 Q290 884 182 838 Q240 640 300 470 Q308 420 295 352
		L252 318 Q280 260 295 178 Z`;
	const dots = Array.from({ length: 60 }, (_unused, index) => {
		const row = Math.floor(index / 6);
		const y = 510 + row * 36;
		const x = 400 + ((index % 6) - 2.5) * (34 + row * 5.4) + (row % 2) * 12 - 6;
		return `<circle cx="${x}" cy="${y}" r="6.5" fill="#fff3ea" opacity="0.92"/>`;
	}).join('');
	const details = back
		? `<path d="M400 208 V560" stroke="#7d0f1c" stroke-width="5"/>
			<rect x="393" y="214" width="14" height="30" rx="5" fill="#e8c66a"/>
			<path d="M400 470 C330 430 318 520 396 482 C470 520 482 430 400 470"
				fill="#a31526" stroke="#7d0f1c" stroke-width="4"/>
			<path d="M396 482 L352 612 M404 482 L446 606" stroke="#a31526" stroke-width="16"
				stroke-linecap="round"/>`
		: `<path d="M330 190 Q345 300 400 318 Q455 300 470 190" fill="none" stroke="#7d0f1c"
				stroke-width="8"/>
			<g fill="#fbe9d0" stroke="#7d0f1c" stroke-width="2"><circle cx="400" cy="352" r="9"/>
			<circle cx="400" cy="392" r="9"/><circle cx="400" cy="432" r="9"/></g>`;
	return `<path d="${outline}" fill="url(#red)" stroke="#7d0f1c" stroke-width="4"/>
		<clipPath id="dress"><path d="${outline}"/></clipPath>
		<g clip-path="url(#dress)">${dots}
			${fold('M345 500 Q310 660 262 850')}${fold('M400 520 Q396 700 402 870')}
			${fold('M455 500 Q492 660 540 850')}${fold('M300 350 Q330 400 312 450', 0.2)}
			<path d="M196 800 Q400 862 604 800" ${STITCH} stroke="#f6b6ac"/></g>
		<path d="M300 462 Q400 482 500 462 L502 490 Q400 510 298 490 Z" fill="#8d1020"/>${details}`;
}

function jeans(back: boolean): string {
	const outline = `M262 150 Q400 168 538 150 L560 300 Q592 600 588 872 Q530 884 466 874
		Q440 640 404 420 L396 420 Q360 640 334 874 Q270 884 212 872 Q208 600 240 300 Z`;
	const pocket = (x: number) => `<path d="M${x} 290 h86 v76 l-43 30 l-43 -30 Z" fill="#2c5486"
		stroke="#e0a44c" stroke-width="3"/>
		<path d="M${x + 8} 320 q35 26 70 0" ${STITCH} stroke="#e0a44c"/>`;
	const details = back
		? `${pocket(282)}${pocket(432)}
			<path d="M258 236 Q400 280 542 236 M400 262 V424" ${STITCH} stroke="#e0a44c"/>
			<rect x="446" y="150" width="72" height="42" rx="4" fill="#4a2c1a" stroke="#2f1a0e"
				stroke-width="3"/>`
		: `<path d="M266 206 Q300 300 240 306 M534 206 Q500 300 560 306" ${STITCH}
				stroke="#e0a44c"/>
			<path d="M400 206 V424 M400 206 q34 116 -2 176" ${STITCH} stroke="#e0a44c"/>
			<circle cx="400" cy="179" r="12" fill="#d9a441" stroke="#8f6a1f" stroke-width="3"/>
			<ellipse cx="290" cy="560" rx="34" ry="96" fill="#a9c6e6" opacity="0.45"
				filter="url(#soft)"/>
			<ellipse cx="510" cy="560" rx="34" ry="96" fill="#a9c6e6" opacity="0.45"
				filter="url(#soft)"/>`;
	const loops = [282, 350, 450, 510]
		.map((x) => `<rect x="${x}" y="146" width="13" height="62" rx="4" fill="#24466f"/>`)
		.join('');
	return `<path d="${outline}" fill="url(#denim)" stroke="#1d3a5e" stroke-width="4"/>
		<path d="M262 150 Q400 168 538 150 L545 204 Q400 222 255 204 Z" fill="#2c5486"
			stroke="#1d3a5e" stroke-width="3"/>${loops}
		<path d="M218 842 Q280 852 338 842 M462 842 Q520 852 584 842" ${STITCH}
			stroke="#e0a44c"/>
		<path d="M252 320 Q226 600 226 836 M548 320 Q574 600 574 836" ${STITCH}
			stroke="#e0a44c" opacity="0.7"/>
		${fold('M330 420 Q300 470 250 480')}${fold('M470 420 Q500 470 548 480')}
		${fold('M236 700 Q280 720 330 690', 0.12)}${fold('M470 700 Q520 730 580 700', 0.12)}
		${details}`;
}

function shirt(back: boolean): string {
	const neck = back ? 'Q400 232 462 206' : 'Q400 318 462 206';
	const outline = `M338 206 ${neck} L520 222 Q600 260 690 408 L594 476 L546 404
		Q556 600 552 838 Q400 858 248 838 Q244 600 254 404 L206 476 L110 408 Q200 260 280 222 Z`;
	const stripes = Array.from(
		{ length: 11 },
		(_unused, index) =>
			`<path d="M60 ${262 + index * 54} Q400 ${286 + index * 54} 740 ${262 + index * 54}"
				stroke="#22386b" stroke-width="21" fill="none"/>`,
	).join('');
	const label = back
		? '<rect x="380" y="232" width="40" height="24" rx="3" fill="#fff" stroke="#b9b2a2"/>'
		: `<g transform="translate(440 372)"><rect width="78" height="92" rx="6" fill="#f7f2e6"
				stroke="#22386b" stroke-width="4"/>
			<path d="M39 66 C12 44 16 22 30 24 Q38 26 39 36 Q40 26 48 24 C62 22 66 44 39 66"
				fill="#d8433b"/></g>`;
	return `<clipPath id="shirt"><path d="${outline}"/></clipPath>
		<path d="${outline}" fill="#f7f2e6"/>
		<g clip-path="url(#shirt)">${stripes}
			${fold('M300 420 Q340 560 318 780')}${fold('M500 520 Q470 660 494 800')}
			${fold('M254 404 Q270 340 252 300', 0.24)}${fold('M546 404 Q530 340 548 300', 0.24)}
		</g>
		<path d="${outline}" fill="none" stroke="#1b2b52" stroke-width="4"/>
		<path d="M338 206 ${neck}" fill="none" stroke="#22386b" stroke-width="20"/>
		<path d="M256 816 Q400 836 546 816" ${STITCH} stroke="#8a93ab"/>${label}`;
}

function jacket(back: boolean): string {
	const sleeve = `M278 232 Q196 300 130 640 L122 742 L212 762 Q238 600 266 470 Z`;
	const body = `M322 196 Q400 214 478 196 L528 226 Q548 420 546 806 Q400 824 254 806
		Q252 420 272 226 Z`;
	const mirror = 'transform="translate(800 0) scale(-1 1)"';
	const pocket = `<path d="M284 610 h92 v104 q-46 16 -92 0 Z" fill="#3f6b42" stroke="#28472b"
			stroke-width="4"/>
		<path d="M280 604 h100 v26 l-50 16 l-50 -16 Z" fill="#4b7d4e" stroke="#28472b"
			stroke-width="4"/><circle cx="330" cy="632" r="6" fill="#d6b25e"/>`;
	const buttons = [300, 390, 480, 570, 660, 750]
		.map(
			(y) => `<circle cx="400" cy="${y}" r="9" fill="#d6b25e" stroke="#7c6020"
			stroke-width="2"/>`,
		)
		.join('');
	const details = back
		? `<path d="M266 330 Q400 372 534 330" ${STITCH} stroke="#a9c79f"/>
			<path d="M400 356 V806" stroke="#28472b" stroke-width="4"/>
			<circle cx="400" cy="500" r="66" fill="#f1dfae" stroke="#28472b" stroke-width="5"/>
			<path d="M400 452 l15 32 35 4 -26 24 7 35 -31 -18 -31 18 7 -35 -26 -24 35 -4 Z"
				fill="#cf5b3a"/>`
		: `<path d="M378 224 H422 V812 H378 Z" fill="#47784a" stroke="#28472b" stroke-width="3"/>
			${buttons}${pocket}<g ${mirror}>${pocket}</g>
			<path d="M290 392 h78" ${STITCH} stroke="#a9c79f"/>
			<g ${mirror}><path d="M290 392 h78" ${STITCH} stroke="#a9c79f"/></g>`;
	const collar = back
		? '<path d="M316 200 Q400 150 484 200 Q400 232 316 200 Z" fill="#8a5a33" stroke="#5a3718" stroke-width="4"/>'
		: `<path d="M322 190 Q400 168 478 190 L508 264 L436 292 L400 232 L364 292 L292 264 Z"
			fill="#8a5a33" stroke="#5a3718" stroke-width="4"/>`;
	const cuff = '<path d="M120 712 L216 734 L210 780 L112 756 Z" fill="#2f5433"/>';
	return `<g fill="url(#green)" stroke="#28472b" stroke-width="4"><path d="${sleeve}"/>
		<path d="${sleeve}" ${mirror}/><path d="${body}"/></g>${cuff}<g ${mirror}>${cuff}</g>
		<path d="M255 778 Q400 796 545 778 L546 812 Q400 830 254 812 Z" fill="#2f5433"/>
		${fold('M200 420 Q230 470 246 460')}${fold('M600 420 Q570 470 554 460')}
		${fold('M300 440 Q330 520 296 590', 0.12)}${fold('M500 440 Q470 520 504 590', 0.12)}
		${details}${collar}`;
}

/** Each garment by the name of its folder; the argument chooses the back. */
export const GARMENTS = {
	'red-dress': dress,
	'blue-jeans': jeans,
	'striped-t-shirt': shirt,
	'green-jacket': jacket,
} as const;

export type GarmentName = keyof typeof GARMENTS;
