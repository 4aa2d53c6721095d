import { expect } from 'chai';

import * as twin from '../twin/circuits.js';
import { p } from '../twin/poseidon.js';
import { mod } from './constraints.js';
import { expectAccepted, expectRefused } from './refused.js';
import { circuit, compiling } from './support.js';
import { unchecked } from './unchecked.js';

/**
 * A network of two neurons in a block of three: acc₀ = x₀ − x₁, acc₁ = x₂ + 3, logits k·out₀ + out₁ + 2k. The third neuron
 * is padding with the relation acc₂ = 0.
 */
const pixels = [9, 3, 20, 0];
const real = [6n, 23n];
const logitsOf = (out: readonly bigint[]): bigint[] =>
  [0n, 1n, 2n, 3n].map((k) => k * out[0]! + out[1]! + 2n * k);

/** A pair of which the derived label is 0. */
const terms = { shape: [2, 2, 1], pixels, natural: 4, seed: 2n, classes: 4, naturalGiven: false };
const pair = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
  .map((index) => ({ ...terms, r: 2n, index }))
  .find((each) => twin.label(each) === 0)!;

/** Both proofs' inputs, the logits' powers starting at some exponent, as prover and verifier compute them. */
function claim(first: bigint, rho: bigint, padding: bigint, forged: bigint) {
  const accs = [...real, padding];
  const outs = accs.map((acc) => twin.neuron(acc, 3, 2).out);
  const power = (exponent: bigint): bigint => {
    let value = 1n;
    for (let i = 0n; i < exponent; i++) value = (value * rho) % p;
    return value;
  };
  const powers = [0n, 1n, 2n, 3n].map((k) => power(first + k));
  const beta = [0n, 0n, 0n];
  let constant = 3n * power(1n);
  powers.forEach((value, k) => {
    beta[0] = mod(beta[0]! + value * BigInt(k));
    beta[1] = mod(beta[1]! + value);
    constant += value * 2n * BigInt(k);
  });
  const salts = { digestSalt: 1n, sumSalt: 2n };
  const block = { A: 3, S: 2, accs, beta, rho, offset: 1n, ...salts };
  const honest = logitsOf(outs);
  const whole: twin.ClassificationTerms = {
    pair,
    match: 1n,
    logits: honest.with(0, honest[0]! + forged),
    sums: [twin.partialSum(block), 0n],
    pixelBeta: [1n, mod(-1n), rho, 0n],
    powers,
    salts: { logits: 3n, match: 4n, sums: [2n, 0n] },
  };
  return {
    block: twin.block(block),
    classification: { ...twin.classify(whole), constant: mod(constant) },
  };
}

describe('padded neurons', () => {
  const rho = 0x1234567890abcdefn ** 3n % p;

  it('could cancel a forged logit, had logits the next exponents after the real neurons', async function () {
    this.timeout(compiling);
    const neurons = await circuit('neurons-tiny');
    const whole = await circuit('classification-tiny');
    const cheat = await unchecked('classification-tiny');
    const [realNeurons, allNeurons] = [2n, 3n];
    // The label is 0, of which the true logit is the smallest.
    const honest = claim(realNeurons, rho, 0n, 0n);
    expect(twin.label(pair)).to.equal(0);
    expectRefused(whole, await cheat(honest.classification), /^largest\.margin/);

    const cancelled = claim(realNeurons, rho, -30n, 30n);
    expectAccepted(neurons, await neurons.witness(cancelled.block));
    expectAccepted(whole, await cheat(cancelled.classification));

    const prescribed = claim(allNeurons, rho, -30n, 30n);
    expectAccepted(neurons, await neurons.witness(prescribed.block));
    expectRefused(whole, await cheat(prescribed.classification), /^constant$/);
    const idle = claim(allNeurons, rho, 0n, 30n);
    expectRefused(whole, await cheat(idle.classification), /^constant$/);
    // The true logits close, so the identity itself is right.
    const truthful = claim(allNeurons, rho, 0n, 0n);
    expectRefused(whole, await cheat(truthful.classification), /^largest\.margin/);
  });
});
