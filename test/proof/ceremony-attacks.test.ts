import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bn254 } from '@noble/curves/bn254.js';
import { expect } from 'chai';
import { zKey } from 'snarkjs';

import { EvidenceError } from '../../src/base/index.js';
import { fieldOrder } from '../../src/crypto/index.js';
import type { CompiledCircuit } from '../../src/proof/circuits/index.js';
import { verifyProof } from '../../src/proof/index.js';
import { checkFollows } from '../../src/proof/keys/check-zkey.js';
import {
  applyBeacon,
  beginCeremony,
  contribute,
  initialZkey,
  openZkey,
  prepare,
  type PtauSource,
  verificationKeyOf,
} from '../../src/proof/keys/index.js';
import { g1FromZkey, littleEndianToInteger } from '../../src/proof/keys/montgomery.js';
import { power } from '../../src/proof/keys/qap.js';
import { withSnarkjs } from '../../src/proof/keys/snarkjs-session.js';
import { littleEndian } from '../../src/proof/keys/zkey-file.js';
import { readZkey, type SectionId, type ZkeyFile } from '../../src/proof/keys/zkey-layout.js';
import type { G1 } from '../../src/proof/points.js';
import { decodeVerificationKey } from '../../src/proof/verification-key.js';
import { coded } from '../coded.js';
import {
  labelCircuit,
  copyOf,
  joinSections,
  newFolder,
  powers,
  toMontgomery,
  toZkey,
} from './ceremony-fixture.js';
import { outsideSubgroup, received } from './trapdoor.js';

const label = { name: 'a point', code: 'key.point' } as const;

describe('cheating in a ceremony', function () {
  this.timeout(60_000);
  let folder: string;
  let circuit: CompiledCircuit;
  let ptau: PtauSource;
  /** Its bytes: snarkjs does not close a file. */
  let tau: Uint8Array;
  let ready: Awaited<ReturnType<typeof prepare>>;
  let initial: ZkeyFile;
  /** Ada, Bob, the beacon. */
  let final: ZkeyFile;
  const at = (name: string): string => join(folder, name);
  /** `followed`, or the code of the refusal. */
  const verdict = async (zkey: () => ZkeyFile): Promise<string> => {
    try {
      await checkFollows(zkey(), initial, ready.ptau);
      return 'followed';
    } catch (error) {
      if (!(error instanceof EvidenceError)) throw error;
      return error.code;
    }
  };

  before(async () => {
    folder = newFolder();
    circuit = await labelCircuit(4);
    // One power more than the circuit needs, as published files have.
    ({ ptau } = await powers(folder, 6));
    const source = { circuit, ptau };
    tau = new Uint8Array(readFileSync(ptau.path));
    ready = await prepare(source);
    await beginCeremony({ ...source, file: at('0.zkey') });
    await contribute({ ...source, before: at('0.zkey'), after: at('1.zkey'), name: 'Ada' });
    await contribute({ ...source, before: at('1.zkey'), after: at('2.zkey'), name: 'Bob' });
    const steps = { before: at('2.zkey'), after: at('3.zkey') };
    await applyBeacon({ ...steps, value: '0b1e55ed', iterationsLog2: 10 });
    [initial, final] = [await openZkey(at('0.zkey')), await openZkey(at('3.zkey'))];
  });

  it('accepts the honest file', async () => {
    await withSnarkjs(async () => {
      expect(await verdict(() => copyOf(final))).to.equal('followed');
      expect((await initialZkey(ready)).bytes).to.deep.equal(initial.bytes);
    });
  });

  it('refuses every changed byte, but in the names, which no hash covers', async () => {
    const places = new Set<number>();
    // All that frames sections, the header's sizes, and some hundred places in all sections.
    for (let place = 0; place < 12; place++) places.add(place);
    for (const bytes of Object.values(final.sections)) {
      const start = bytes.byteOffset - final.bytes.byteOffset;
      for (let place = start - 12; place < start; place++) places.add(place);
      const few = Math.min(bytes.length, 40);
      for (let i = 0; i < few; i++) places.add(start + Math.floor((i * bytes.length) / few));
    }
    const list = final.sections[10];
    const listStart = list.byteOffset - final.bytes.byteOffset;
    for (let place = 0; place < list.length; place += 5) places.add(listStart + place);
    const names = namePlaces(final.bytes, ['Ada', 'Bob', 'beacon']);
    const heard: unknown[] = [];
    const { log } = console;
    Object.assign(console, { log: (...words: unknown[]) => heard.push(words) });
    const codes = new Map<string, number>();
    try {
      await withSnarkjs(async () => {
        for (const place of places) {
          const bytes = final.bytes.slice();
          bytes[place]! ^= 1 << (place % 8);
          const code = await verdict(() => readZkey(bytes, 'a changed zkey'));
          codes.set(code, (codes.get(code) ?? 0) + 1);
          if (!names.has(place)) expect(code, `byte ${place}`).to.match(/^key\.(damaged|circuit)$/);
        }
      });
    } finally {
      Object.assign(console, { log });
    }
    expect(heard, 'snarkjs prints').to.be.empty;
    expect(places.size).to.be.above(400);
    expect(codes.get('key.damaged')).to.be.above(300);
  });

  it('is refused with H shifted by what snarkjs does not see', async () => {
    const root = power(5n, (fieldOrder - 1n) / BigInt(final.domain));
    const point = bn254.G1.Point.BASE.multiply(1234567n);
    const changed = copyOf(final);
    for (let j = 0; j < changed.domain; j++) {
      const bytes = changed.sections[9].subarray(64 * j, 64 * (j + 1));
      const shift = point.multiply(power(root, BigInt(j)));
      bytes.set(toZkey(g1FromZkey(bytes, label).add(shift)));
    }
    await withSnarkjs(async () => {
      const accepts = await zKey.verifyFromR1cs(circuit.r1cs, tau, changed.bytes);
      expect(accepts, 'a newer snarkjs may have closed this').to.equal(true);
      expect(await verdict(() => changed)).to.equal('key.damaged');
    });
  });

  it('gets no contribution to points that somebody chose', async () => {
    // A statement that is false: there are three labels.
    const inputs = [7n];
    const ic = (i: number): G1 =>
      g1FromZkey(initial.sections[3].subarray(64 * i, 64 * (i + 1)), label);
    const statement = inputs.reduce((sum, x, i) => sum.add(ic(i + 1).multiply(x)), ic(0));
    const sections = { ...initial.sections };
    sections[8] = new Uint8Array([...sections[8], ...toZkey(statement.negate())]);
    const trap = joinSections(sections);
    writeFileSync(at('trap.zkey'), trap);
    const step = { before: at('trap.zkey'), after: at('judge.zkey'), name: 'judge' };
    await coded('key.damaged', () => contribute({ circuit, ptau, ...step }));

    // snarkjs contributes to whatever it is given, and with that the owner proves what he likes …
    const made: { type: 'mem'; data?: Uint8Array } = { type: 'mem' };
    const stripped = await withSnarkjs(async () => {
      await zKey.contribute(trap, made, 'judge', 'the judge’s randomness');
      const bytes = made.data!.slice();
      return strip(bytes, initial.sections[8].length);
    });
    // … under a key that passes every check and has the judge's contribution.
    await withSnarkjs(async () => {
      expect(await verdict(() => stripped.zkey)).to.equal('followed');
    });
    const file = await verificationKeyOf(stripped.zkey.bytes, circuit, 'ceremony');
    const key = decodeVerificationKey(file);
    const c = g1FromZkey(stripped.extra, label);
    verifyProof({ key, inputs, proof: received({ a: key.alpha, b: key.beta, c }) });
  });

  it('refuses what snarkjs skips: other sections, bytes at the end, endless beacons', async () => {
    const longer = new Uint8Array([...final.bytes, 0]);
    await withSnarkjs(async () => {
      expect(await zKey.verifyFromInit(initial.bytes, tau, longer)).to.equal(true);
      expect(await verdict(() => readZkey(longer, 'longer'))).to.equal('key.damaged');
      const endless = copyOf(final);
      const list = endless.sections[10];
      const exponent = list.length - (4 + 2) - 1;
      expect(list[exponent]).to.equal(10);
      list[exponent] = 63;
      expect(await verdict(() => endless)).to.equal('key.damaged');
    });
  });

  it('refuses a coordinate written otherwise, which is the same to arithmetic', async () => {
    const q = bn254.fields.Fp.ORDER;
    const changed = copyOf(final);
    const bytes = changed.sections[8];
    const at = [...Array(bytes.length / 32).keys()].find(
      (i) => littleEndianToInteger(bytes, 32 * i) + q < 2n ** 256n,
    )!;
    bytes.set(littleEndian(littleEndianToInteger(bytes, 32 * at) + q), 32 * at);
    await withSnarkjs(async () => {
      expect(await verdict(() => changed)).to.equal('key.damaged');
    });
  });

  it('refuses a delta with a part outside the subgroup, and L and H of another delta', async () => {
    const outside = copyOf(final);
    const { x, y } = outsideSubgroup(1n).toAffine();
    const parts = [x.c0, x.c1, y.c0, y.c1].map(toMontgomery);
    outside.delta2.set(new Uint8Array(Buffer.concat(parts)));
    const mixed = [8, 9].map((id) => {
      const copy = copyOf(final);
      copy.sections[id as 8 | 9].set(initial.sections[id as 8 | 9]);
      return copy;
    });
    await withSnarkjs(async () => {
      for (const changed of [outside, ...mixed]) {
        expect(await verdict(() => changed)).to.equal('key.damaged');
      }
    });
  });
});

/** The file without the extra point of L that the contributor multiplied, and that point. */
function strip(bytes: Uint8Array, length: number): { zkey: ZkeyFile; extra: Uint8Array } {
  const view = new DataView(bytes.buffer);
  const sections: Partial<Record<number, Uint8Array>> = {};
  for (let at = 12; at < bytes.length;) {
    const size = view.getUint32(at + 4, true);
    sections[view.getUint32(at, true)] = bytes.subarray(at + 12, at + 12 + size);
    at += 12 + size;
  }
  const list = sections as Record<SectionId, Uint8Array>;
  const extra = list[8].slice(length);
  const whole = joinSections({ ...list, 8: list[8].subarray(0, length) });
  return { zkey: readZkey(whole, 'stripped'), extra };
}

function namePlaces(bytes: Uint8Array, names: readonly string[]): Set<number> {
  const places = new Set<number>();
  for (const name of names) {
    const start = Buffer.from(bytes).lastIndexOf(name);
    for (let i = 0; i < name.length; i++) places.add(start + i);
  }
  return places;
}
