import { bigEndianToInteger, concatBytes, EvidenceError, InputError } from '../base/index.js';
import {
  fieldOrder,
  fieldToBytes,
  type RandomBytes,
  SeededStream,
  taggedHash,
} from '../crypto/index.js';
import {
  checkStatement,
  equationHolds,
  falseProof,
  keyLines,
  type ProvedStatement,
} from './groth16.js';
import { encodeProof } from './groth16-proof.js';
import { combine, linesOf, productIsOne } from './pairing.js';
import type { VerificationKey } from './verification-key.js';

const statementTag = 'veilmark/groth16-statement/1';
const scalarsTag = 'veilmark/groth16-batch/1';
const scalarBytes = 16;

/**
 * Verifies proofs of one circuit together. With scalars ρᵢ that the prover could not choose, it checks
 * ∏ e(ρᵢAᵢ, Bᵢ) = e(Σ ρᵢ·α, β) · e(Σⱼ (Σᵢ ρᵢxᵢⱼ)·ICⱼ, γ) · e(Σ ρᵢCᵢ, δ) (small exponents: Bellare, Garay, Rabin,
 * Eurocrypt 1998). A list with a false proof passes with chance at most 2^-128, for B in the subgroup. `random` gives
 * the scalars; without it they are hashed from everything that is verified (`fiatShamirScalars`), without entropy.
 *
 * Throws as `verifyProof` does, naming the first proof at fault as "proof 3 of 8" (counted from 1), and `InputError`
 * `proof.none` for an empty list, which would hold and prove nothing.
 */
export function verifyProofs({
  key,
  statements,
  random,
}: {
  key: VerificationKey;
  statements: readonly ProvedStatement[];
  random?: RandomBytes | undefined;
}): void {
  if (statements.length === 0) {
    throw new InputError({ code: 'proof.none', message: 'there is no proof to verify' });
  }
  const name = (i: number): string => `proof ${i + 1} of ${statements.length}`;
  statements.forEach((statement, i) => {
    checkStatement({ key, statement, name: name(i) });
  });
  const scalars =
    random === undefined
      ? fiatShamirScalars(key, statements)
      : statements.map(() => scalarFrom(random(scalarBytes)));
  if (batchHolds(key, statements, scalars)) return;
  statements.forEach((statement, i) => {
    if (!equationHolds(key, statement)) throw falseProof(name(i));
  });
  // True proofs hold together for all scalars: this machine computes wrongly, and nothing is believed.
  throw new EvidenceError({ code: 'proof.false', message: 'the proofs hold singly, not together' });
}

/**
 * One scalar for each statement, from 1 to 2^128, hashed from the key and all statements: a prover who tries q lists
 * gets a false one accepted with chance at most q·2^-128 in the random-oracle model.
 */
export function fiatShamirScalars(
  key: VerificationKey,
  statements: readonly ProvedStatement[],
): bigint[] {
  const digests = statements.map(({ proof, inputs }) =>
    taggedHash(statementTag, [encodeProof(proof), concatBytes(...inputs.map(fieldToBytes))]),
  );
  const stream = new SeededStream(scalarsTag, [key.digest, concatBytes(...digests)]);
  return statements.map(() => scalarFrom(stream.bytes(scalarBytes)));
}

/** 16 uniform bytes as a scalar; 1 is added because a scalar of 0 would leave its proof unchecked. */
function scalarFrom(bytes: Uint8Array): bigint {
  if (bytes.length !== scalarBytes) {
    throw new InputError({
      code: 'random.length',
      message: `asked for ${scalarBytes} random bytes, got ${bytes.length}`,
    });
  }
  return bigEndianToInteger(bytes) + 1n;
}

function batchHolds(
  key: VerificationKey,
  statements: readonly ProvedStatement[],
  scalars: readonly bigint[],
): boolean {
  const { beta, gamma, delta } = keyLines(key);
  const columns = combineInputs(statements, scalars);
  const proofs = statements.map(({ proof }) => proof);
  return productIsOne([
    ...proofs.map(({ a, b }, i) => ({
      point: combine([a], scalars.slice(i, i + 1)),
      lines: linesOf(b),
    })),
    { point: combine([key.alpha], columns.slice(0, 1)).negate(), lines: beta },
    { point: combine(key.ic, columns).negate(), lines: gamma },
    {
      point: combine(
        proofs.map(({ c }) => c),
        scalars,
      ).negate(),
      lines: delta,
    },
  ]);
}

/** Σᵢ ρᵢxᵢⱼ mod r for each column j of the key's IC, with xᵢ₀ = 1. */
function combineInputs(
  statements: readonly ProvedStatement[],
  scalars: readonly bigint[],
): bigint[] {
  const width = 1 + (statements[0]?.inputs.length ?? 0);
  const columns = new Array<bigint>(width).fill(0n);
  statements.forEach(({ inputs }, i) => {
    const scalar = scalars[i] ?? 0n;
    columns[0] = (columns[0] ?? 0n) + scalar;
    inputs.forEach((input, j) => {
      columns[j + 1] = (columns[j + 1] ?? 0n) + scalar * input;
    });
  });
  return columns.map((column) => column % fieldOrder);
}
