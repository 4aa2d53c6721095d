import { decodeMark, encodeMark } from '../../../src/commitment/index.js';
import { smallClaims } from '../../support/small-claims.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';

const claims = smallClaims();

/** The content of a mark file, read for each of some commitments. */
export const mark: FuzzTarget = {
  name: 'mark',
  seeds: () =>
    claims.map(({ source }) => encodeMark({ ...source, commitment: new Uint8Array(32) })),
  run: (input) => {
    const read = claims.map(({ parameters }) => {
      try {
        const decoded = decodeMark(input, parameters);
        mustEncodeAs(input, encodeMark(decoded));
        return decoded;
      } catch (error) {
        return error;
      }
    });
    const errors = read.filter((result) => result instanceof Error);
    if (errors.length === read.length) throw errors[0]!;
    return `by ${read.length - errors.length}`;
  },
};
