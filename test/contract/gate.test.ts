import { judge, MAX_UNPACKED_BYTES, readEntryPoints, report } from '../tools/gate';
import type { GateFacts } from '../tools/gate';
import { parsePackReport } from '../tools/pack';

const cleanScan = { label: 'Tarball', passed: true, files: 3, errors: 0, warnings: 0, details: '' };
const NODE = 'dist/nodes/Aiuta/Aiuta.node.js';

function facts(change: {
	scan?: Partial<GateFacts['scans'][number]>;
	unpackedBytes?: number;
	paths?: string[];
}): GateFacts {
	return {
		scans: [{ ...cleanScan, ...change.scan }],
		pack: {
			filename: 'x.tgz',
			tarballBytes: 20_500,
			unpackedBytes: change.unpackedBytes ?? 90_000,
			files: (change.paths ?? [NODE]).map((path) => ({ path, size: 10 })),
		},
		entryPoints: [NODE],
	};
}

describe('the verdict of the gate', () => {
	it('is a pass when both scans are clean and the package is small and complete', () => {
		expect(judge(facts({}))).toEqual([]);
	});

	it.each([
		['one error', { scan: { errors: 1 } }, 'Tarball: 1 errors'],
		['one warning', { scan: { warnings: 1 } }, 'Tarball: 1 warnings'],
		["the scanner's refusal", { scan: { passed: false } }, "Tarball: refused by n8n's scanner"],
		['a scan of nothing', { scan: { files: 0 } }, 'Tarball: nothing was scanned'],
		['a package without its node', { paths: ['README.md'] }, `tarball: ${NODE} is missing`],
		[
			'a package at the limit of size',
			{ unpackedBytes: MAX_UNPACKED_BYTES },
			'tarball: 300.0 kB unpacked, the limit is 300.0 kB',
		],
	])('is a refusal for %s', (_case, change, reason) => {
		expect(judge(facts(change))).toEqual([reason]);
	});

	it('is a pass one byte below the limit of size', () => {
		expect(judge(facts({ unpackedBytes: MAX_UNPACKED_BYTES - 1 }))).toEqual([]);
	});
});

describe('the report of the gate', () => {
	it('prints findings, the content of the tarball and the figures', () => {
		expect(report(facts({ scan: { errors: 2, warnings: 1, details: 'a finding' } }))).toEqual([
			'Tarball:\na finding',
			'Tarball: 1 files',
			`       10  ${NODE}`,
			'Tarball: 2 errors, 1 warnings in 3 files',
			'Size: 20.5 kB tarball, 90.0 kB unpacked',
		]);
	});
});

describe('what the gate reads', () => {
	it('takes nodes and credentials from the manifest', () => {
		expect(readEntryPoints('{"n8n":{"nodes":["a.js"],"credentials":["b.js"]}}')).toEqual([
			'a.js',
			'b.js',
		]);
		expect(readEntryPoints('{}')).toEqual([]);
	});

	it('takes sizes and files from npm pack', () => {
		const entry = {
			filename: 'x.tgz',
			size: 5,
			unpackedSize: 9,
			files: [{ path: 'index.js', size: 9, mode: 420 }],
		};
		expect(parsePackReport(JSON.stringify([entry]))).toEqual({
			filename: 'x.tgz',
			tarballBytes: 5,
			unpackedBytes: 9,
			files: [{ path: 'index.js', size: 9 }],
		});
	});

	it.each([
		'[]',
		'{}',
		'[{"filename":"x.tgz"}]',
		'[{"filename":"x","size":1,"unpackedSize":1,"files":[1]}]',
	])('refuses an answer of npm pack in another form: %s', (output) => {
		expect(() => parsePackReport(output)).toThrow('unexpected form');
	});
});
