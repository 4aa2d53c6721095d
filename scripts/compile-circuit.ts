import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

import { type Instance, publicInputs } from '../src/proof/circuits/index.js';

const root = resolve(import.meta.dirname, '..');
export const buildFolder = join(root, 'circuits', 'build');
const require = createRequire(import.meta.url);

/** The compiler's version and flags, as the manifest pins them. --O2 removes all linear constraints. */
export const compiler = {
  package: `circom2 ${(require('circom2/package.json') as { version: string }).version}`,
  flags: ['--r1cs', '--wasm', '--O2'],
} as const;

export interface Source {
  readonly name: string;
  /** The file with the template, below `circuits/`, e.g. `opening.circom`. */
  readonly file: string;
  readonly template: string;
  readonly parameters: readonly (number | bigint)[];
  /** The template's public inputs; all others are private. */
  readonly publics: readonly string[];
}

/** An instance of circuits/circuits.json, to be compiled. */
export function sourceOf({ name, circuit, parameters }: Instance): Source {
  const template = `${circuit.charAt(0).toUpperCase()}${circuit.slice(1)}`;
  return { name, file: `${circuit}.circom`, template, parameters, publics: publicInputs[circuit] };
}

/**
 * Compiles one template with its parameters into `circuits/build/NAME.r1cs` and `NAME.wasm`, unless they are there and
 * came from the same sources by the same compiler. `extra` flags are for tests; with `--sym` the signals' names lie beside,
 * in `NAME.sym`.
 */
export async function compileCircuit(
  source: Source,
  extra: readonly string[] = [],
): Promise<{ r1cs: string; wasm: string }> {
  const at = (extension: string): string => join(buildFolder, `${source.name}.${extension}`);
  const made = { r1cs: at('r1cs'), wasm: at('wasm') };
  const named = extra.includes('--sym');
  await mkdir(buildFolder, { recursive: true });
  const main = mainFile(source);
  const stamp = await sourceDigest(main);
  const before = await readFile(at('source'), 'utf8').catch(() => undefined);
  const files = await readdir(buildFolder);
  const needed = [...Object.values(made), ...(named ? [at('sym')] : [])];
  const isThere = needed.every((path) => files.includes(basename(path)));
  if (before === stamp && isThere) return made;

  const folder = join(buildFolder, `.${source.name}.${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'main.circom'), main);
    // The compiler runs in a sandbox that sees nothing above the folder it is started in.
    const words = [relative(root, join(folder, 'main.circom')), ...compiler.flags, ...extra];
    const cli = require.resolve('circom2/cli.js');
    await promisify(execFile)(process.execPath, [cli, ...words, '-o', relative(root, folder)], {
      cwd: root,
      maxBuffer: 2 ** 24,
    }).catch((error: unknown) => {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`circom refuses ${source.name}:\n${stdout}${stderr}`, { cause: error });
    });
    await rename(join(folder, 'main.r1cs'), made.r1cs);
    await rename(join(folder, 'main_js', 'main.wasm'), made.wasm);
    if (named) await rename(join(folder, 'main.sym'), at('sym'));
    await writeFile(at('source'), stamp);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return made;
}

function mainFile({ file, template, parameters, publics }: Source): string {
  const list = publics.length === 0 ? '' : ` {public [${publics.join(', ')}]}`;
  return [
    'pragma circom 2.2.0;',
    `include "../../${file}";`,
    `component main${list} = ${template}(${parameters.join(', ')});`,
    '',
  ].join('\n');
}

/** A digest of all that the compiler reads and of the compiler itself. */
async function sourceDigest(main: string): Promise<string> {
  const hash = createHash('sha256').update(compiler.package).update(compiler.flags.join(' '));
  hash.update(main);
  const circuits = join(root, 'circuits');
  for (const folder of [circuits, join(circuits, 'templates')]) {
    for (const file of (await readdir(folder)).sort()) {
      if (file.endsWith('.circom')) hash.update(file).update(await readFile(join(folder, file)));
    }
  }
  const circomlib = require.resolve('circomlib/package.json');
  return hash.update(await readFile(circomlib)).digest('hex');
}
