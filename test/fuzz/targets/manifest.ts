import { bytesToHex, canonicalBytes } from '../../../src/base/index.js';
import { taggedHash } from '../../../src/crypto/index.js';
import {
  encodeManifest,
  type ModelManifest,
  parseManifest,
} from '../../../src/training/manifest.js';
import { recipeToJson, specToJson } from '../../../src/training/options-json.js';
import { options, spec } from '../../training/fixtures.js';
import { type FuzzTarget, jsonFrom, mustEncodeAs } from '../target.js';

const digit = (value: number): string => bytesToHex(new Uint8Array(32).fill(value));

/** `veilmark.json` of a model folder; where only the digest is wrong it is made right first. */
export const manifest: FuzzTarget = {
  name: 'manifest',
  seeds: () => [
    encodeManifest({
      kind: 'veilmark/model',
      version: 1,
      spec: specToJson(spec),
      classNames: ['left', 'right'],
      recipe: recipeToJson(options),
      backend: 'wasm',
      packages: { veilmark: '0.1.0' },
      initialWeights: digit(1),
      data: digit(2),
      commitment: digit(3),
      accuracy: { test: 900_000, triggers: 1_000_000 },
      files: { 'model.json': digit(4), 'weights.bin': digit(5) },
    }),
  ],
  run: (input) => {
    const bytes = withDigest(input);
    const { digest, ...rest } = parseManifest(bytes);
    mustEncodeAs(bytes, encodeManifest(rest));
    return `${rest.spec.architecture} ${digest.length}`;
  },
};

function withDigest(input: Uint8Array): Uint8Array {
  const value = jsonFrom(input)?.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return input;
  const { digest, ...rest } = value as ModelManifest;
  if (typeof digest !== 'string') return input;
  try {
    const body = canonicalBytes(rest);
    const right = bytesToHex(taggedHash('veilmark/model-manifest/1', [body]));
    return canonicalBytes({ ...rest, digest: right });
  } catch {
    return input;
  }
}
