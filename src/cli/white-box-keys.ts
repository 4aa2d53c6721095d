import { readdir } from 'node:fs/promises';

import { bytesToHex, InputError } from '../base/index.js';
import { classCount, type Commitment } from '../commitment/index.js';
import type { IntegerNetwork } from '../network/index.js';
import { readCircuitManifest } from '../proof/circuits/index.js';
import {
  foldsOf,
  foldWidth,
  openingInstance,
  type VerificationKey,
  type WhiteBoxCircuit,
  whiteBoxCircuits,
  type WhiteBoxKeys,
} from '../proof/index.js';
import { checkKeyCircuit, keyPaths, readVerificationKey } from '../proof/keys/key-folder.js';
import { devKey, type Policy } from '../protocol/index.js';
import { inFile } from './naming.js';

/**
 * The keys of a folder for a network and a commitment: of the circuits that fit, those with the fewest constraints in all. Throws
 * `InputError` `keys.missing`; `EvidenceError` `key.circuit`, `key.dev`.
 */
export async function findWhiteBoxKeys(
  folder: string,
  {
    network,
    commitment: { parameters },
    allowDevKeys,
  }: { network: IntegerNetwork; commitment: Commitment; allowDevKeys: boolean },
): Promise<WhiteBoxKeys> {
  const files = await readdir(folder).catch((): string[] => []);
  const names = files.filter((file) => file.endsWith('.key')).map((file) => file.slice(0, -4));
  const { circuits } = await readCircuitManifest();
  const cheapest = (pattern: RegExp, wanted: string, count: (size: number) => number): string => {
    const found = names
      .flatMap((name) => {
        const size = Number(pattern.exec(name)?.[1] ?? 0);
        const cost = (circuits[name]?.constraints ?? Infinity) * count(size);
        return size > 0 && cost > 0 && cost < Infinity ? [{ name, cost }] : [];
      })
      .sort((a, b) => a.cost - b.cost)[0];
    if (found) return found.name;
    throw new InputError({
      code: 'keys.missing',
      message: `${folder} holds no key of ${wanted}`,
      hint: `make the keys: veilmark setup dev --help, or copy those of a ceremony there and say --keys DIR`,
    });
  };
  const { A, S, neurons } = network;
  const blocksOf = (size: number): number => Math.ceil(neurons / size);
  const neuronsName = cheapest(
    new RegExp(`^neurons-${A}-${S}-(\\d+)$`),
    `neurons-${A}-${S}-N`,
    blocksOf,
  );
  const classification = openingInstance(parameters).replace('opening', 'classification');
  const room = Number(classification.split('-').at(-1));
  const threshold = cheapest(
    /^threshold-(\d+)$/,
    `threshold-N for ${parameters.batchSize} triggers`,
    (size) => (size >= parameters.batchSize ? 1 : 0),
  );
  cheapest(new RegExp(`^${classification.replace(/\d+$/, '')}(\\d+)$`), classification, (size) =>
    size === room && size >= classCount(parameters) ? 1 : 0,
  );
  const read = async (name: string): Promise<VerificationKey> => {
    const path = keyPaths(folder, name).key;
    const key = await inFile(path, () => readVerificationKey(path));
    await checkKeyCircuit(key);
    if (key.stamp === 'dev' && !allowDevKeys) throw devKey();
    return key;
  };
  const blocks = blocksOf(Number(neuronsName.split('-').at(-1)));
  const fold = foldsOf(blocks).folds.length > 0 ? `fold-${foldWidth}` : undefined;
  if (fold !== undefined) cheapest(/^fold-(16)$/, fold, () => 1);
  return {
    neurons: await read(neuronsName),
    classification: await read(classification),
    threshold: await read(threshold),
    ...(fold !== undefined && { fold: await read(fold) }),
  };
}

/** The policy with the digests of keys; those that it pins already must be the same. Throws `InputError` `usage.keys`. */
export function withKeys(policy: Policy, keys: WhiteBoxKeys): Policy {
  const digest = (circuit: WhiteBoxCircuit): string => {
    const found = keys[circuit] ? bytesToHex(keys[circuit].digest) : '';
    const pinned = policy.whiteBoxKeys[circuit];
    if (pinned === '' || pinned === found || found === '') return found;
    throw new InputError({
      code: 'usage.keys',
      message: `the key of ${keys[circuit]?.instance ?? circuit} is ${found}, the policy pins ${pinned}`,
      hint: 'use the key that the policy names, or change the policy',
    });
  };
  const [classification, fold, neurons, threshold] = whiteBoxCircuits.map(digest) as [
    string,
    string,
    string,
    string,
  ];
  return {
    ...policy,
    hiddenProofs: 'none',
    openingKey: '',
    whiteBoxKeys: { classification, fold, neurons, threshold },
  };
}
