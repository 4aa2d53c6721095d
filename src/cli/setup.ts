import type { Argv } from 'yargs';

import { bytesToHex, InputError, VeilmarkError } from '../base/index.js';
import { packagePath } from '../files/index.js';
import {
  type CompiledCircuit,
  findInstance,
  listInstances,
  openCircuit,
} from '../proof/circuits/index.js';
import { keyPaths, openProvingKey, readVerificationKey } from '../proof/keys/key-folder.js';
import type { VerificationKey } from '../proof/index.js';
import { WorkerPool } from '../proof/workers/index.js';
import { wholeNumber } from './arguments.js';
import { Progress } from './progress.js';
import { addCeremony } from './setup-ceremony.js';
import { note, print } from './terminal.js';

export function addSetup(program: Argv): Argv {
  return program.command('setup', 'Make the keys that proofs are made and checked with', (yargs) =>
    addCeremony(addDev(yargs))
      .demandCommand(1, 'name what to do: dev or ceremony')
      .epilogue('Example:\n  $0 setup dev'),
  );
}

function addDev(program: Argv): Argv {
  return program.command(
    'dev [circuits..]',
    'Make development keys, in seconds, for tests and the demo: no evidence',
    (yargs) =>
      yargs
        .positional('circuits', {
          type: 'string',
          array: true,
          describe: 'Names in circuits/circuits.json [those that a usual session needs]',
        })
        .options({
          keys: { type: 'string', describe: 'Folder for the keys [keys/ of veilmark]' },
          seed: { type: 'string', describe: 'The same seed gives the same keys [fixed]' },
          workers: { type: 'number', requiresArg: true, describe: 'Processes [one a core]' },
        })
        .epilogue('Example:\n  $0 setup dev fold-16 threshold-40 --keys keys'),
    async (args) => {
      const { seed, keys: folder = packagePath('keys') } = args;
      const workers =
        args.workers === undefined
          ? undefined
          : wholeNumber('workers', args.workers, { least: 1, most: 256 });
      const names = args.circuits ?? [];
      const instances =
        names.length > 0
          ? [...new Set(names)].map(findInstance)
          : listInstances().filter((instance) => instance.default);
      const circuits = await Promise.all(instances.map(openCircuit));
      for (const circuit of circuits) await mustNotBeOfCeremony(folder, circuit);
      note('development keys: whoever knows their seed proves anything; they are no evidence');
      const pool = new WorkerPool({ workers });
      try {
        for (const circuit of circuits) {
          const { name } = circuit.instance;
          const there = seed === undefined ? await keyThatFits(folder, circuit) : undefined;
          if (there) note(`${name}: its key is there already`);
          else await makeKey({ circuit, folder, seed, pool });
          const { digest } = there ?? (await openProvingKey(folder, circuit)).verificationKey;
          print(`${name} ${bytesToHex(digest)}`);
        }
      } finally {
        await pool.close();
      }
    },
  );
}

async function makeKey(options: {
  circuit: CompiledCircuit;
  folder: string;
  seed: string | undefined;
  pool: WorkerPool;
}): Promise<void> {
  const { setupDev } = await import('../proof/keys/setup.js'); // snarkjs loads slowly
  const progress = new Progress(options.circuit.instance.name);
  await setupDev({
    ...options,
    onProgress: (done, total) => {
      progress.update(done, total, 'points');
    },
  });
  progress.end();
}

/** The development key of a circuit that is in a folder, if it is whole and of the circuit as it is now. */
async function keyThatFits(
  folder: string,
  circuit: CompiledCircuit,
): Promise<VerificationKey | undefined> {
  try {
    return (await openProvingKey(folder, circuit)).verificationKey;
  } catch (error) {
    if (!(error instanceof VeilmarkError)) throw error;
    return undefined;
  }
}

/** Keys of a ceremony cannot be made again by one person: they are never replaced. */
async function mustNotBeOfCeremony(folder: string, { instance }: CompiledCircuit): Promise<void> {
  const path = keyPaths(folder, instance.name).key;
  const key = await readVerificationKey(path).catch(() => undefined);
  if (key?.stamp !== 'ceremony') return;
  throw new InputError({
    code: 'key.ceremony',
    message: `${path} is a key of a ceremony; a development key would replace it`,
    hint: 'choose another folder with --keys',
  });
}
