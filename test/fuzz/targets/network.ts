import fc from 'fast-check';

import { decodeNetwork, encodeNetwork, finishNetwork } from '../../../src/network/index.js';
import { randomNetwork, tiny } from '../../network/graphs.js';
import { type FuzzTarget, mustEncodeAs } from '../target.js';

/** An integer network as a judge hands it to an owner. */
export const network: FuzzTarget = {
  name: 'network',
  seeds: () => {
    const graphs = fc.sample(
      fc.gen().map((draw) => randomNetwork(draw).bytes),
      { seed: 1, numRuns: 4 },
    );
    return [finishNetwork(tiny()).bytes, ...graphs];
  },
  run: (input) => {
    const decoded = decodeNetwork(input);
    mustEncodeAs(input, encodeNetwork(decoded));
    return decoded.nodes
      .map(({ kind }) => kind)
      .slice(0, 4)
      .join();
  },
};
