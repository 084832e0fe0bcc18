import { simulate } from './simulate';
import { scenarioOf } from './scenario';
async function main() {
	const t = Date.now();
	const n = Number(process.argv[2] ?? 300);
	let bad = 0, reqs=0;
	if (process.argv[3]) { const r = await simulate(scenarioOf(Number(process.argv[3])), console.log); console.log(r); return; }
	for (let s = 1; s <= n; s++) { const r = await simulate(scenarioOf(s)); reqs+=r.requests; if (r.violations.length) { bad++; if (bad<15) console.log(s, r.violations.slice(0,2).map(v=>`${v.kind}: ${v.text}`)); } }
	console.log(bad, reqs, Date.now() - t);
}
void main();
