import { sha256 } from '@noble/hashes/sha2.js';

import { bigEndian, concatBytes, utf8ToBytes } from '../../../src/base/index.js';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  isCheckpoint,
} from '../../../src/training/checkpoint.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';
import { manifest } from './manifest.js';

const magic = utf8ToBytes('veilmark/checkpoint/1\n');

/** A checkpoint of a training; one without its first line gets it, the length of its header and its SHA-256. */
export const checkpoint: FuzzTarget = {
  name: 'checkpoint',
  seeds: async () => {
    const { parseManifest } = await import('../../../src/training/manifest.js');
    const { spec, recipe } = parseManifest((await manifest.seeds())[0]!);
    const array = (name: string) => ({ name, shape: [2, 1], data: Float32Array.of(1, -2) });
    const file = encodeCheckpoint({
      run: { ...spec, ...recipe, data: 'd', commitment: 'none', initialWeights: 'w' },
      backend: 'wasm',
      epoch: 3,
      state: { weights: [array('dense/kernel')], optimizer: [array('adam/m')] },
    });
    return [file, file.slice(magic.length + 8, -32)];
  },
  run: (input) => {
    const file = isCheckpoint(input) ? input : completed(input);
    const decoded = decodeCheckpoint(file);
    mustEncodeAs(file, encodeCheckpoint(decoded));
    return `${decoded.state.weights.length > 0} ${decoded.state.optimizer.length > 0}`;
  },
};

/** The header ends with the brace before the numbers, of which the seed has sixteen bytes. */
function completed(input: Uint8Array): Uint8Array {
  const header = Math.max(0, input.length - 16);
  const body = concatBytes(magic, bigEndian(header, 8), input);
  return concatBytes(body, sha256(body));
}
