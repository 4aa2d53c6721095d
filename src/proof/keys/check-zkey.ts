import { bn254 } from '@noble/curves/bn254.js';
import { zKey } from 'snarkjs';

import { equalBytes, EvidenceError } from '../../base/index.js';
import { systemRandom } from '../../crypto/index.js';
import type { G1, G2 } from '../points.js';
import { askSnarkjs } from './ask-snarkjs.js';
import { type Contribution, deltaAfterLast, readContributions } from './contributions.js';
import { firstNotOnCurve, g1FromZkey, g2FromZkey } from './montgomery.js';
import { type Ptau, smallPtau } from './ptau-file.js';
import { haveRatio, pairingsAgree } from './same-ratio.js';
import { refuseZkey, type SectionId, sectionNames, type ZkeyFile } from './zkey-layout.js';

const generators = { g1: bn254.G1.Point.BASE, g2: bn254.G2.Point.BASE } as const;

/** The sections that no contribution changes. */
const constant: readonly SectionId[] = [3, 4, 5, 6, 7];

/**
 * Checks that a zkey is the initial one with its contributions applied, and gives them. Throws `EvidenceError` `key.circuit`
 * for one of another circuit or other powers of tau, `key.damaged` for any other difference. Runs within `withSnarkjs`.
 *
 * snarkjs's own check (0.7.6, `verifyFromInit`) comes last. Alone it would not do:
 * - It compares H with the powers of tau in all directions but one: H_j + ω^j·P passes for any point P. The next contributor
 *   would multiply P by his secret, and with P = −Σ xᵢ·ICᵢ the result is the C of a false proof.
 * - It draws 4 bytes of randomness for each point of L.
 * - It does not ask whether points of L, H and δ are on the curve, and those of G2 in the subgroup.
 * - It skips unknown sections, bytes at the end, another version, and parameters of a contribution without meaning.
 */
export async function checkFollows(
  zkey: ZkeyFile,
  initial: ZkeyFile,
  ptau: Ptau,
): Promise<Contribution[]> {
  checkSameStart(zkey, initial);
  const contributions = readContributions(zkey);
  const delta = checkDelta(zkey);
  await checkPoints(zkey, initial, delta);
  const powers = await smallPtau(ptau, zkey.domain);
  const { value, cause } = await askSnarkjs((logger) =>
    zKey.verifyFromInit(initial.bytes, powers, zkey.bytes, logger),
  );
  if (value !== true) refuseZkey(zkey.path, 'does not follow from its contributions', cause);
  return contributions;
}

function checkSameStart(zkey: ZkeyFile, initial: ZkeyFile): void {
  const { path } = zkey;
  const sizes = ['signals', 'publics', 'domain'] as const;
  const isSame =
    sizes.every((size) => zkey[size] === initial[size]) &&
    equalBytes(zkey.circuitHash, initial.circuitHash);
  if (!isSame) {
    throw new EvidenceError({
      code: 'key.circuit',
      message: `${path} is of another circuit than the one named, or was begun from another powers-of-tau file`,
      hint: 'name the circuit and the powers-of-tau file of `setup ceremony init`; all contributors need the same version of veilmark',
    });
  }
  if (!equalBytes(zkey.fixed, initial.fixed)) {
    refuseZkey(
      path,
      'has other points alpha, beta and gamma than its circuit and powers of tau give',
    );
  }
  for (const id of constant) {
    if (equalBytes(zkey.sections[id], initial.sections[id])) continue;
    refuseZkey(path, `has another section ${sectionNames[id]} than its circuit gives`);
  }
}

/** δ is the same in G1, in G2, and after the last contribution. */
function checkDelta(zkey: ZkeyFile): G2 {
  const { path } = zkey;
  let delta1: G1;
  let delta2: G2;
  try {
    delta1 = g1FromZkey(zkey.delta1, { name: 'delta in G1', code: 'key.point' });
    delta2 = g2FromZkey(zkey.delta2, { name: 'delta in G2', code: 'key.point' });
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return refuseZkey(path, `is damaged: ${error.message}`, error);
  }
  const last = deltaAfterLast(zkey);
  const isLast = last ? equalBytes(last, zkey.delta1) : delta1.equals(generators.g1);
  if (!isLast || !pairingsAgree([delta1, generators.g2], [generators.g1, delta2])) {
    refuseZkey(path, 'has another delta than its contributions give');
  }
  return delta2;
}

/** L and H are those of the initial key over δ. */
async function checkPoints(zkey: ZkeyFile, initial: ZkeyFile, delta: G2): Promise<void> {
  for (const id of [8, 9] as const) {
    const over = zkey.sections[id];
    const wrong = firstNotOnCurve(over);
    if (wrong !== undefined) {
      refuseZkey(zkey.path, `has a point ${wrong} of ${sectionNames[id]} that is not on the curve`);
    }
    const plain = initial.sections[id];
    const parts = { over, plain, delta, generator: generators.g2, random: systemRandom };
    if (await haveRatio(parts)) continue;
    refuseZkey(
      zkey.path,
      `has a section ${sectionNames[id]} that does not follow from its contributions`,
    );
  }
}
