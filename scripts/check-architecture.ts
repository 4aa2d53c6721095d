/**
 * Checks the arrows of the house (docs/architecture.md): which folder of src/ may import which, no cycles between
 * files, and which packages are confined to which folders. Exits 1 with one line for each violation.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Direct arrows between rooms; an arrow to a room allows what that room itself may import. */
const arrows: Record<string, readonly string[]> = {
  base: [],
  files: ['base'],
  crypto: ['base'],
  commitment: ['crypto'],
  triggers: ['commitment', 'files'],
  network: ['crypto'],
  proof: ['commitment', 'network', 'files'],
  protocol: ['commitment', 'proof'],
  training: ['triggers', 'network'],
  prover: ['protocol', 'proof'],
  verifier: ['protocol', 'proof'],
  suspect: ['protocol', 'training'],
  attacks: ['training', 'protocol', 'files'],
  transport: ['protocol', 'files'],
  journal: ['protocol', 'files'],
  evidence: ['verifier', 'files'],
  cli: ['prover', 'verifier', 'suspect', 'transport', 'journal', 'evidence', 'training', 'attacks'],
};

/** Packages that only some rooms (or files) may import. */
const confined: readonly { packages: RegExp; only: RegExp }[] = [
  { packages: /^(@tensorflow\/|webgpu$)/, only: /^(training\/|suspect\/tfjs)/ },
  { packages: /^(snarkjs|ffjavascript|workerpool)$/, only: /^proof\/(keys|proving|workers)\// },
  { packages: /^yargs/, only: /^cli\// },
  { packages: /^vega(-lite)?$/, only: /^attacks\/report\// },
  { packages: /^sharp$/, only: /^(files|triggers)\// },
  { packages: /^(pkijs|asn1js)$/, only: /^(transport|evidence)\// },
  { packages: /^tar$/, only: /^training\/data\// },
];

/** Rooms that reach no disk, network, clock or entropy except through a parameter. */
const pure = /^((base|commitment|network|protocol|verifier)\/|proof\/[^/]+$)/;
const impure: readonly RegExp[] = [
  /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/,
  /\bMath\.random\b|\brandomBytes\b|\bgetRandomValues\b|\bsystemRandom\b/,
  /\bfetch\(/,
  /\bsetTimeout\b|\bprocess\./,
  /from 'node:/,
];

const root = resolve(process.argv[2] ?? resolve(import.meta.dirname, '..', 'src'));
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));
const problems: string[] = [];

function reach(room: string, seen = new Set<string>()): Set<string> {
  for (const next of arrows[room] ?? []) {
    if (!seen.has(next)) reach(next, seen.add(next));
  }
  return seen;
}

const imports = new Map<string, string[]>();
for (const file of files) {
  const text = readFileSync(join(root, file), 'utf8');
  const room = file.split('/')[0] ?? '';
  if (file.includes('/') && !(room in arrows)) problems.push(`${file}: no such room ${room}`);
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
  const specifiers = [...code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (m) => m[1] ?? '',
  );
  const local: string[] = [];
  for (const specifier of specifiers) {
    if (!specifier.startsWith('.')) {
      for (const { packages, only } of confined) {
        if (packages.test(specifier) && !only.test(file)) {
          problems.push(`${file}: ${specifier} may not be imported here`);
        }
      }
      continue;
    }
    const target = relative(root, resolve(root, dirname(file), specifier))
      .replaceAll('\\', '/')
      .replace(/\.js$/, '.ts');
    if (target.startsWith('..')) continue;
    local.push(target);
    const targetRoom = target.split('/')[0] ?? '';
    if (file.includes('/') && targetRoom !== room && !reach(room).has(targetRoom)) {
      problems.push(`${file}: ${room}/ may not import ${targetRoom}/`);
    }
    // The half of proof/ that proves reaches disk and processes; the half that verifies is pure.
    if (pure.test(file) && targetRoom === 'proof' && !pure.test(target)) {
      problems.push(`${file}: a pure room may not import ${target}`);
    }
  }
  imports.set(file, local);
  if (pure.test(file)) {
    for (const pattern of impure) {
      if (pattern.test(code)) problems.push(`${file}: ${pattern.source} in a pure room`);
    }
  }
}

const done = new Set<string>();
function visit(file: string, path: readonly string[]): void {
  if (path.includes(file)) {
    problems.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    return;
  }
  if (done.has(file)) return;
  for (const next of imports.get(file) ?? []) visit(next, [...path, file]);
  done.add(file);
}
for (const file of files) visit(file, []);

for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(`architecture: ${files.length} files, ${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
