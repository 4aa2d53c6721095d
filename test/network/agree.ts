import { expect } from 'chai';

import type { Image } from '../../src/base/index.js';
import {
  type IntegerNetwork,
  project,
  type Projection,
  runNetwork,
  unusedLogit,
} from '../../src/network/index.js';
import * as twin from '../twin/network.js';
import { p } from '../twin/poseidon.js';

const integers = (values: Float64Array): bigint[] => Array.from(values, BigInt);

/** Runs a network on both sides and expects the same integers. Gives the twin’s run, or nothing where a value left its range. */
export function agree(network: IntegerNetwork, image: Image): twin.Run | undefined {
  const other = twin.run(twin.readNetwork(network.bytes), image.pixels);
  const own = runNetwork(network, image);
  expect(own.inRange).to.equal(other.inRange);
  if (!own.inRange) return undefined;
  expect(integers(own.q)).to.deep.equal(other.q);
  expect(integers(own.rem)).to.deep.equal(other.rem);
  expect(integers(own.logits)).to.deep.equal(other.logits);
  return other;
}

/** Values of the random check: unused neurons and logits included. */
export interface Values {
  readonly acc: bigint[];
  readonly out: bigint[];
  readonly logits: bigint[];
  readonly pixels: bigint[];
}

export interface Point {
  readonly rho: bigint;
  /** More than there are. */
  readonly neurons: number;
  readonly room: number;
}

/** The check of an honest run at a point, from both sides. */
export function checkAt(
  network: IntegerNetwork,
  image: Image,
  run: twin.Run,
  { rho, neurons, room }: Point,
): { projection: Projection; values: Values } {
  const projection = project(network, rho, { neurons, room });
  const terms = { count: neurons, room, unused: unusedLogit };
  expect(projection).to.deep.equal(twin.check(twin.readNetwork(network.bytes), rho, terms));
  const filled = (list: readonly bigint[], length: number, value: bigint): bigint[] =>
    Array.from({ length }, (_, i) => list[i] ?? value);
  const values = {
    acc: filled(run.acc, neurons, 0n),
    out: filled(run.out, neurons, 0n),
    logits: filled(run.logits, room, unusedLogit),
    pixels: Array.from(image.pixels, BigInt),
  };
  expect(twin.gap(projection, rho, values)).to.equal(0n);
  return { projection, values };
}

/** Expects that the check fails when any one value is changed, except where nothing depends on it. */
export function expectBinding(projection: Projection, rho: bigint, values: Values): void {
  const weighs: Record<keyof Values, (i: number) => bigint> = {
    acc: () => 1n,
    out: (i) => projection.outputs[i] ?? 0n,
    logits: () => 1n,
    pixels: (i) => projection.pixels[i] ?? 0n,
  };
  for (const name of ['acc', 'out', 'logits', 'pixels'] as const) {
    values[name].forEach((value, i) => {
      const list = [...values[name]];
      list[i] = value + 1n;
      const gap = twin.gap(projection, rho, { ...values, [name]: list });
      expect(gap !== 0n, `${name} ${i}`).to.equal(weighs[name](i) % p !== 0n);
    });
  }
}
