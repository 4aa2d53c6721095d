import type { Argv, InferredOptionTypes, Options } from 'yargs';

import { bytesToHex, InputError } from '../base/index.js';
import { packagePath } from '../files/index.js';
import { findInstance, openCircuit } from '../proof/circuits/index.js';
import { verificationKeyDigest } from '../proof/index.js';
import type { CeremonySource, Contribution } from '../proof/keys/index.js';
import { note, print } from './terminal.js';

/** snarkjs loads slowly: only those who hold a ceremony wait for it. */
const ceremony = () => import('../proof/keys/index.js');

const sourceOptions = {
  circuit: { type: 'string', demandOption: true, describe: 'Name in circuits/circuits.json' },
  ptau: {
    type: 'string',
    demandOption: true,
    describe: 'Powers-of-tau file, prepared for phase 2',
  },
  'ptau-sha512': { type: 'string', describe: 'Its SHA-512, from whoever vouches for it' },
  'ptau-blake2b': {
    type: 'string',
    describe: 'Its BLAKE2b-512: the hash in the README of github.com/iden3/snarkjs',
  },
} as const satisfies Record<string, Options>;
type SourceArguments = InferredOptionTypes<typeof sourceOptions>;

const expectOption = {
  expect: {
    type: 'string',
    array: true,
    describe: 'Hash of a contribution that must be in: yours (may be repeated)',
  },
} as const satisfies Record<string, Options>;

const place = (describe: string) => ({ type: 'string', demandOption: true, describe }) as const;

const example = `  $0 setup ceremony init 0.zkey --circuit fold-16 --ptau 14.ptau --ptau-sha512 HEX
  $0 setup ceremony contribute 0.zkey 1.zkey --name Ada \\
      --circuit fold-16 --ptau 14.ptau --ptau-sha512 HEX
  $0 setup ceremony beacon 1.zkey 2.zkey --value HEX
  $0 setup ceremony finish 2.zkey --expect HASH \\
      --circuit fold-16 --ptau 14.ptau --ptau-sha512 HEX`;

export function addCeremony(program: Argv): Argv {
  return program.command(
    'ceremony',
    'Make keys together with others, for evidence: one honest contributor is enough',
    (yargs) =>
      addFinish(addVerify(addBeacon(addContribute(addInit(yargs)))))
        .demandCommand(1, 'name what to do: init, contribute, beacon, verify or finish')
        .epilogue(`Example (docs/keys.md explains each step):\n${example}`),
  );
}

function addInit(program: Argv): Argv {
  return program.command(
    'init <file>',
    'Begin: make the zkey of a circuit, to which nobody has contributed yet',
    (yargs) =>
      yargs
        .positional('file', place('New zkey file'))
        .options(sourceOptions)
        .epilogue(
          'Example:\n  $0 setup ceremony init 0.zkey --circuit fold-16 --ptau 14.ptau --ptau-sha512 HEX',
        ),
    async ({ file, ...args }) => {
      const source = await readSource(args);
      note('making the initial key: minutes for a large circuit');
      const { beginCeremony } = await ceremony();
      await beginCeremony({ ...source, file });
      note(`wrote ${file}: good for nothing until somebody contributes`);
    },
  );
}

function addContribute(program: Argv): Argv {
  return program.command(
    'contribute <before> <after>',
    'Check what came before, and add randomness that nobody ever sees',
    (yargs) =>
      yargs
        .positional('before', place('zkey file of the contributor before'))
        .positional('after', place('New zkey file, for the next one'))
        .options({
          name: { type: 'string', demandOption: true, describe: 'Who you are; everybody reads it' },
          ...sourceOptions,
        })
        .epilogue(
          'Example:\n  $0 setup ceremony contribute 0.zkey 1.zkey --name Ada --circuit fold-16 \\\n      --ptau 14.ptau --ptau-sha512 HEX',
        ),
    async ({ before, after, name, ...args }) => {
      const source = await readSource(args);
      note('checking what came before: minutes for a large circuit');
      const { contribute } = await ceremony();
      const hash = await contribute({ ...source, before, after, name });
      note(`wrote ${after}; publish the hash of your contribution and keep it for --expect`);
      print(hash);
    },
  );
}

function addBeacon(program: Argv): Argv {
  return program.command(
    'beacon <before> <after>',
    'End the contributions with a public value that nobody could foresee',
    (yargs) =>
      yargs
        .positional('before', place('zkey file of the last contributor'))
        .positional('after', place('New zkey file'))
        .options({
          value: { type: 'string', demandOption: true, describe: 'Hexadecimal, up to 255 bytes' },
          'iterations-log2': {
            type: 'number',
            requiresArg: true,
            default: 10,
            describe: 'Hashes of the value, 10 to 24: 2 to the power of this',
          },
        })
        .epilogue('Example:\n  $0 setup ceremony beacon 2.zkey 3.zkey --value 0b1e55ed'),
    async ({ before, after, value, iterationsLog2 }) => {
      const { applyBeacon } = await ceremony();
      print(await applyBeacon({ before, after, value, iterationsLog2 }));
      note(`wrote ${after}`);
    },
  );
}

function addVerify(program: Argv): Argv {
  return program.command(
    'verify <file>',
    'Check a zkey from the circuit on, and list who contributed',
    (yargs) =>
      yargs
        .positional('file', place('zkey file, e.g. of a folder of keys'))
        .options({ ...sourceOptions, ...expectOption })
        .epilogue(
          'Example:\n  $0 setup ceremony verify 3.zkey --expect HASH --circuit fold-16 \\\n      --ptau 14.ptau --ptau-sha512 HEX',
        ),
    async ({ file, expect, ...args }) => {
      const expected = readHashes('expect', expect ?? []);
      const source = await readSource(args);
      note('checking all contributions: minutes for a large circuit');
      const { checkCeremony, checkComplete, verificationKeyOf } = await ceremony();
      const { contributions, zkey } = await checkCeremony({ ...source, file });
      checkComplete(file, contributions, expected);
      list(contributions, expected);
      const key = await verificationKeyOf(zkey.bytes, source.circuit, 'ceremony');
      note('a transcript whose proofs are under this key names its digest:');
      print(`${args.circuit} ${bytesToHex(verificationKeyDigest(key))}`);
    },
  );
}

function addFinish(program: Argv): Argv {
  return program.command(
    'finish <file>',
    'Check a zkey as `verify` does, and make the keys of it',
    (yargs) =>
      yargs
        .positional('file', place('zkey file of the last contributor or the beacon'))
        .options({
          keys: { type: 'string', describe: 'Folder for the keys [keys/ of veilmark]' },
          ...sourceOptions,
          ...expectOption,
        })
        .epilogue(
          'Example:\n  $0 setup ceremony finish 3.zkey --keys keys --expect HASH --circuit fold-16 \\\n      --ptau 14.ptau --ptau-sha512 HEX',
        ),
    async ({ file, keys, expect, ...args }) => {
      const expected = readHashes('expect', expect ?? []);
      const source = await readSource(args);
      const folder = keys ?? packagePath('keys');
      note('checking all contributions: minutes for a large circuit');
      const { finishCeremony } = await ceremony();
      const { key, checked } = await finishCeremony({ ...source, file, folder, expected });
      for (const contribution of checked.contributions) note(line(contribution));
      note(`wrote the keys of ${args.circuit} to ${folder}; the digest of the verification key is`);
      print(`${args.circuit} ${bytesToHex(key.digest)}`);
    },
  );
}

function list(contributions: readonly Contribution[], expected: readonly string[]): void {
  for (const contribution of contributions) print(line(contribution));
  note(
    expected.length > 0
      ? 'the key follows from its circuit and these contributions; every expected one is in'
      : 'the key follows from its circuit and these contributions; whose they are only hashes that you know can tell (--expect)',
  );
}

/** A name may be anyone's invention, with line breaks to forge the next line: it stands in quotes. */
function line({ name, hash, beacon }: Contribution): string {
  const from = beacon ? ` (${beacon.value}, 2^${beacon.iterationsLog2} iterations)` : '';
  return `${hash} ${JSON.stringify(name)}${from}`;
}

async function readSource(args: SourceArguments): Promise<CeremonySource> {
  const instance = findInstance(args.circuit);
  const {
    ptau: path,
    ptauSha512,
    ptauBlake2b,
  } = args as SourceArguments & {
    ptauSha512?: string;
    ptauBlake2b?: string;
  };
  if (ptauSha512 === undefined && ptauBlake2b === undefined) {
    throw new InputError({
      code: 'ptau.unnamed',
      message: 'the hash of the powers-of-tau file is not given: --ptau-sha512 or --ptau-blake2b',
      hint: 'the BLAKE2b hashes of the Hermez ceremony are in the README of github.com/iden3/snarkjs; take it from there, not from where the file came from',
    });
  }
  const [sha512] = readHashes('ptau-sha512', ptauSha512 === undefined ? [] : [ptauSha512]);
  const [blake2b] = readHashes('ptau-blake2b', ptauBlake2b === undefined ? [] : [ptauBlake2b]);
  return { circuit: await openCircuit(instance), ptau: { path, sha512, blake2b } };
}

/** 64 bytes of hexadecimal each, in lower case. Throws `InputError` `usage.hash`. */
function readHashes(option: string, texts: readonly string[]): string[] {
  return texts.map((text) => {
    const hash = text.toLowerCase();
    if (/^[0-9a-f]{128}$/.test(hash)) return hash;
    throw new InputError({
      code: 'usage.hash',
      message: `--${option} is not a hash of 128 hexadecimal digits`,
      hint: 'sha512sum, b2sum and `setup ceremony contribute` print such hashes',
    });
  });
}
