import { EvidenceError, InputError } from '../base/index.js';
import { isFieldElement } from '../crypto/index.js';
import { type Groth16Proof, isDecodedProof } from './groth16-proof.js';
import { combine, type Lines, linesOf, productIsOne } from './pairing.js';
import { isDecodedKey, type VerificationKey } from './verification-key.js';

/** A proof and the public inputs for which it is given. */
export interface ProvedStatement {
  readonly proof: Groth16Proof;
  /** Canonical field elements in the circuit's order: outputs, then public inputs. */
  readonly inputs: readonly bigint[];
}

/**
 * Verifies a Groth16 proof: e(A, B) = e(α, β) · e(Σ xᵢ·ICᵢ, γ) · e(C, δ) with x₀ = 1 (eprint 2016/260 section 3.2).
 * Key and proof come from their decoders, which check the points. Throws `EvidenceError` `proof.inputs` for a wrong
 * number of public inputs or one that is no canonical field element, `EvidenceError` `proof.false`, `InputError`
 * `proof.undecoded`.
 */
export function verifyProof({
  key,
  ...statement
}: ProvedStatement & { key: VerificationKey }): void {
  checkStatement({ key, statement, name: 'the proof' });
  if (!equationHolds(key, statement)) throw falseProof('the proof');
}

/** Everything that `verifyProof` checks before the equation. `name` is the proof's in messages. */
export function checkStatement({
  key,
  statement: { proof, inputs },
  name,
}: {
  key: VerificationKey;
  statement: ProvedStatement;
  name: string;
}): void {
  if (!isDecodedKey(key) || !isDecodedProof(proof)) {
    throw new InputError({
      code: 'proof.undecoded',
      message: `${name} or its key did not come out of a decoder: its points are unchecked`,
    });
  }
  const refuse = (problem: string): never => {
    throw new EvidenceError({ code: 'proof.inputs', message: `${name}: ${problem}` });
  };
  const expected = key.ic.length - 1;
  // snarkjs takes missing inputs for zeros.
  if (inputs.length !== expected) {
    refuse(`the key has ${expected} public inputs, got ${inputs.length}`);
  }
  // x and x + r give the same point: a statement would have many spellings.
  const wrong = inputs.findIndex((input) => !isFieldElement(input));
  if (wrong >= 0) refuse(`public input ${wrong + 1} of ${expected} is no canonical field element`);
}

/** Whether the equation holds for a statement that has been checked. */
export function equationHolds(key: VerificationKey, { proof, inputs }: ProvedStatement): boolean {
  const { beta, gamma, delta } = keyLines(key);
  return productIsOne([
    { point: proof.a, lines: linesOf(proof.b) },
    { point: key.alpha.negate(), lines: beta },
    { point: combine(key.ic, [1n, ...inputs]).negate(), lines: gamma },
    { point: proof.c.negate(), lines: delta },
  ]);
}

/** The refusal of a proof whose equation does not hold. */
export function falseProof(name: string): EvidenceError {
  return new EvidenceError({
    code: 'proof.false',
    message: `${name} does not hold for its public inputs under this key`,
  });
}

interface KeyLines {
  readonly beta: Lines;
  readonly gamma: Lines;
  readonly delta: Lines;
}

const prepared = new WeakMap<VerificationKey, KeyLines>();

/** The lines of a key's points of G2, computed once for each key. */
export function keyLines(key: VerificationKey): KeyLines {
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const lines = {
    beta: linesOf(key.beta),
    gamma: linesOf(key.gamma),
    delta: linesOf(key.delta),
  };
  prepared.set(key, lines);
  return lines;
}
