import { expect } from 'chai';

import { describePreprocessing, preprocessor } from '../../src/training/preprocess.js';
import { coded } from '../coded.js';

const shape = { height: 1, width: 2, channels: 3 };

describe('preprocessing', () => {
  it('maps each channel by its own mean and deviation', () => {
    const preprocessing = { mean: [0, 0.5, 1], std: [1, 0.5, 2] };
    const toInput = preprocessor({ shape, preprocessing });
    const input = toInput(Uint8Array.of(0, 0, 0, 255, 255, 255), 1);
    expect([...input]).to.deep.equal([0, -1, -0.5, 1, 1, 0]);
    expect(describePreprocessing(preprocessing)).to.include('mean 0 0.5 1, std 1 0.5 2');
  });

  it('refuses another number of bytes', async () => {
    const toInput = preprocessor({ shape, preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] } });
    await coded('engine.batch', () => toInput(new Uint8Array(5), 1));
  });
});
