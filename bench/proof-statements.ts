import { deriveLabel, labelCommitment, triggerCommitment } from '../src/commitment/index.js';
import { fieldOrder, hashMany, SeededStream, taggedPoseidon } from '../src/crypto/index.js';
import type { CircuitInputs } from '../src/proof/proving/index.js';

/** A true statement of the circuit `opening` over a grey image of noise, ten classes. */
export function openingStatement(number: number, height: number, width: number): CircuitInputs {
  const [classes, seed, r] = [10, 99n, BigInt(1000 + number)];
  const pixels = new SeededStream('bench/pixels', [number]).bytes(height * width);
  const image = { shape: { height, width, channels: 1 as const }, pixels };
  const { label, u } = deriveLabel({ seed, index: number, r, natural: classes, classes });
  return {
    sessionHead: 5n,
    triggerCommitment: triggerCommitment({ image, natural: classes, r }),
    labelCommitment: labelCommitment(label, u),
    index: BigInt(number),
    seed,
    classes: BigInt(classes),
    naturalGiven: 0n,
    pixels: Array.from(pixels, BigInt),
    natural: BigInt(classes),
    r,
  };
}

/** A true statement of the circuit `neurons` over random pre-activations. */
export function neuronsStatement(
  number: number,
  count: number,
  outputBits: number,
  remainderBits: number,
): CircuitInputs {
  const stream = new SeededStream('bench/neurons', [number]);
  const [A, S] = [BigInt(outputBits), BigInt(remainderBits)];
  const q = Array.from(
    { length: count },
    () => BigInt(stream.below(2 ** (outputBits + 1))) - (1n << A),
  );
  const rem = Array.from({ length: count }, () => BigInt(stream.below(2 ** remainderBits)));
  const beta = Array.from({ length: count }, () => BigInt(stream.below(2 ** 31)));
  const [rho, offset, digestSalt, sumSalt] = [12345n, 678n, 1n, 2n];
  const acc = q.map((value, j) => (value << S) + (rem[j] ?? 0n));
  const horner = acc.reduceRight((sum, value) => modulo(sum * rho + value), 0n);
  const outputs = q.reduce(
    (sum, value, j) => (value > 0n ? sum + value * (beta[j] ?? 0n) : sum),
    0n,
  );
  const width = A + 1n + S;
  const perLimb = Number(253n / width);
  const packed: bigint[] = [];
  acc.forEach((value, j) => {
    const limb = Math.floor(j / perLimb);
    const shift = width * BigInt(j % perLimb);
    packed[limb] = (packed[limb] ?? 0n) + ((value + (1n << (A + S))) << shift);
  });
  const sum = modulo(offset * horner - outputs);
  return {
    rho,
    offset,
    beta,
    digest: hashMany('veilmark/neurons/1', [digestSalt, ...packed]),
    sumCommitment: taggedPoseidon('veilmark/partial-sum/1', [sum, sumSalt]),
    q: q.map(modulo),
    rem,
    digestSalt,
    sumSalt,
  };
}

function modulo(value: bigint): bigint {
  return ((value % fieldOrder) + fieldOrder) % fieldOrder;
}
