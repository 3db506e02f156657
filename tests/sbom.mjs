/**
 * Prints what the program and the core consist of as CycloneDX 1.5: every crate that cargo builds in, with its licence, and the digest
 * that Cargo.lock has of it. Nothing else comes in: the page has no dependencies, and what builds and tests it is not published.
 *
 *     node tests/sbom.mjs > target/fonds.cdx.json
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const run = spawnSync('cargo', ['metadata', '--format-version', '1', '--locked', '--all-features'], { encoding: 'utf8', maxBuffer: 1 << 28 });
if (run.status !== 0) {
  console.error(run.stderr);
  process.exit(1);
}
const { packages, resolve } = JSON.parse(run.stdout);
const byId = new Map(packages.map((one) => [one.id, one]));
const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));

/** Crates that are built in: not those that only tests or builds need. */
const reached = new Set();
const waiting = [resolve.root];
for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
  if (reached.has(id)) continue;
  reached.add(id);
  for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps) if (kinds.some(({ kind }) => kind === null)) waiting.push(pkg);
}

/** Digests by name and version, as Cargo.lock has them. */
const digests = new Map();
for (const block of readFileSync(new URL('../Cargo.lock', import.meta.url), 'utf8').split('[[package]]')) {
  const field = (name) => new RegExp(`^${name} = "(.*)"$`, 'm').exec(block)?.[1];
  if (field('checksum')) digests.set(`${field('name')} ${field('version')}`, field('checksum'));
}

const purl = ({ name, version }) => `pkg:cargo/${name}@${version}`;
const component = (crate) => {
  const digest = digests.get(`${crate.name} ${crate.version}`);
  return {
    type: 'library', 'bom-ref': purl(crate), name: crate.name, version: crate.version, purl: purl(crate),
    licenses: [{ expression: (crate.license ?? 'NOASSERTION').replaceAll(' / ', ' OR ').replaceAll('/', ' OR ') }],
    ...(digest ? { hashes: [{ alg: 'SHA-256', content: digest }] } : {}),
  };
};
const root = byId.get(resolve.root);
const others = [...reached].filter((id) => id !== resolve.root).map((id) => byId.get(id)).sort((a, b) => (purl(a) < purl(b) ? -1 : 1));
const dependsOn = (id) => nodes.get(id).deps.filter(({ pkg, dep_kinds: kinds }) => reached.has(pkg) && kinds.some(({ kind }) => kind === null)).map(({ pkg }) => purl(byId.get(pkg))).sort();
const bom = {
  bomFormat: 'CycloneDX', specVersion: '1.5', version: 1,
  metadata: { component: { ...component(root), type: 'application' } },
  components: others.map(component),
  dependencies: [root, ...others].map((crate) => ({ ref: purl(crate), dependsOn: dependsOn(crate.id) })),
};
console.log(JSON.stringify(bom, null, 1));
