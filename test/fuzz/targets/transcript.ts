import { equalBytes } from '../../../src/base/index.js';
import { decodeTranscript, encodeTranscript } from '../../../src/protocol/index.js';
import { vectorCommitment, verifyVector } from '../../support/replay.js';
import { bytesOf, vectors } from '../../support/vectors.js';
import { sealTranscript } from '../../twin/session.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';

const endLength = 69;

/** A transcript, verified as a stranger does; one without its last line gets it first. */
export const transcript: FuzzTarget = {
  name: 'transcript',
  seeds: () => {
    const files = vectors('transcript').valid.map(bytesOf);
    return [...files.slice(0, 2), ...files.slice(0, 8).map((file) => file.slice(0, -endLength))];
  },
  run: (input) => {
    const isWhole = Buffer.from(input.subarray(-endLength, -endLength + 4)).toString() === 'end ';
    const file = isWhole ? input : new Uint8Array(sealTranscript(input));
    const decoded = decodeTranscript(file);
    mustEncodeAs(file, encodeTranscript(decoded));
    // Opening another commitment takes half a second; the target `commitment` is for that.
    if (!equalBytes(decoded.commitment, vectorCommitment().bytes)) return 'another commitment';
    const { verdict, cause, fault } = verifyVector(file).outcome;
    return `${verdict} ${cause} ${fault}`;
  },
};
