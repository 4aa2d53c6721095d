import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';

import {
  type FalseClaim,
  type FalseClaimInput,
  playFalseClaims,
  readFalseClaims,
  untrained,
  writeFalseClaims,
} from '../../src/attacks/index.js';
import { coded } from '../coded.js';
import { dataset, spec } from '../training/fixtures.js';
import { machine, marked, policy, test } from './bench.js';

describe('attacks/false-claim', function () {
  this.slow(8000);
  let input: FalseClaimInput;
  let chosen: FalseClaim;
  let derived: FalseClaim;

  before(async () => {
    const classifier = await marked();
    input = {
      ensemble: [classifier, await marked({ ...spec, architecture: 'cnn-small' })],
      images: dataset(440, 'claimant'),
      suspect: { name: 'the claimant’s own', classifier },
      nullModels: [{ name: 'untrained', classifier: await untrained(spec, 'null') }],
      test,
      policy: { ...policy, alphaBits: 30 },
      seed: 's',
      machine,
      radius: 60,
      steps: 10,
    };
    const tensors = tf.memory().numTensors;
    const claims = await playFalseClaims(input);
    expect(tf.memory().numTensors).to.equal(tensors);
    expect(claims.map(({ labels }) => labels)).to.deep.equal(['chosen', 'derived']);
    [chosen = expect.fail(), derived = expect.fail()] = claims;
  });

  it('matches nearly all labels that it may choose, in a model of its own ensemble', () => {
    const { triggers, verdict, test: counts } = chosen.suspect.measurement;
    expect(triggers.total).to.equal(120);
    expect(triggers.correct).to.be.at.least(110);
    expect(verdict).to.equal('proved');
    expect(counts.total).to.equal(40);
    expect(chosen.log2Chance).to.be.closeTo(-Math.log2(3), 1e-9);
  });

  it('matches derived labels no better than by chance, however much its examples move the model', () => {
    const { triggers, verdict } = derived.suspect.measurement;
    // A third of 120 on average; five deviations more is 66.
    expect(triggers.correct).to.be.within(14, 66);
    expect(verdict).to.equal('not-proved');
    expect(derived.log2Chance).to.equal(chosen.log2Chance);
  });

  it('says of each null model what both claims find in it', () => {
    for (const { nullModels } of [chosen, derived]) {
      expect(nullModels.map(({ name }) => name)).to.deep.equal(['untrained']);
      expect(nullModels[0]!.measurement.triggers.correct).to.be.below(75);
      expect(nullModels[0]!.measurement.verdict).to.equal('not-proved');
    }
  });

  it('writes a file that reads back the same, and refuses a damaged one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'veilmark-false-'));
    const path = join(folder, 'false-claims.json');
    try {
      await writeFalseClaims(path, [chosen, derived]);
      const { claims } = await readFalseClaims(path);
      expect(claims.map(({ labels }) => labels)).to.deep.equal(['chosen', 'derived']);
      expect(claims[0]).to.deep.include({ suspect: chosen.suspect, log2Chance: '-1.585' });
      expect(claims[1]!.nullModels).to.deep.equal(derived.nullModels);
      const text = await readFile(path, 'utf8');
      for (const bad of [
        text.slice(0, -1),
        text.replace('"chosen"', '"picked"'),
        text.replace('"version":1', '"version":2'),
        text.replace('"total":120', '"total":1.5'),
        text.replace('{', '{ '),
      ]) {
        expect(bad).not.to.equal(text);
        await writeFile(path, bad);
        await coded('attack.false-claims', () => readFalseClaims(path));
      }
      await rm(path);
      await coded('file.missing', () => readFalseClaims(path));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuses too few images', async () => {
    const few = { ...input, images: dataset(100, 'few') };
    const error = await coded('commitment.images', () => playFalseClaims(few));
    expect(error.message).to.include('144').and.include('100');
  });
});
