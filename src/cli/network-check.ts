import type { Argv } from 'yargs';

import { bytesToHex, EvidenceError, InputError } from '../base/index.js';
import { firstDifference, type IntegerNetwork, sizesOf } from '../network/index.js';
import { rescaleFolder } from '../training/integer-network.js';
import { readModelFiles } from '../training/model-files.js';
import { readNetwork } from './network-file.js';
import { print } from './terminal.js';

export function addNetworkCheck(program: Argv): Argv {
  return program.command(
    'check <file>',
    'Check that every integer of a network is the nearest to the model’s weight',
    (yargs) =>
      yargs
        .positional('file', { type: 'string', demandOption: true, describe: 'Network file' })
        .options({
          suspect: {
            type: 'string',
            demandOption: true,
            describe: 'Model folder (TensorFlow.js layers format)',
          },
        })
        .epilogue('Example:\n  $0 network check suspect.network --suspect model'),
    async ({ file, suspect }) => {
      const network = await readNetwork(file);
      const { digest } = await readModelFiles(suspect);
      if (bytesToHex(network.model) !== digest) {
        throw new EvidenceError({
          code: 'network.model',
          message: `${file} says that it is of the model ${bytesToHex(network.model)}, ${suspect} is the model ${digest}`,
          hint: 'name the model that it was made of, or make the network again with `veilmark network make`',
        });
      }
      const difference = firstDifference(network, await expectedNetwork(file, suspect, network));
      if (difference) {
        const { place, found, expected } = difference;
        throw notNearest(file, `${place}: found ${found}, expected ${expected}`);
      }
      const { weights } = sizesOf(network.nodes);
      print(`all ${weights} integers are the nearest to the float model's`);
      print(`network  ${bytesToHex(network.digest)}\nmodel    ${digest}`);
    },
  );
}

/** What the model gives in the file's own scales; a graph for which that fails is not of this model. */
async function expectedNetwork(
  file: string,
  suspect: string,
  network: IntegerNetwork,
): Promise<IntegerNetwork> {
  try {
    return await rescaleFolder(suspect, network);
  } catch (cause) {
    const ofScales = ['network.scale', 'network.bounds', 'network.graph'];
    if (!(cause instanceof InputError) || !ofScales.includes(cause.code)) throw cause;
    throw notNearest(file, `the model does not go with its scales: ${cause.message}`, cause);
  }
}

function notNearest(file: string, problem: string, cause?: unknown): EvidenceError {
  return new EvidenceError({
    code: 'network.check',
    message: `${file} is not the model rounded to the nearest integers: ${problem}`,
    hint: 'do not trust it: make the network again with `veilmark network make`',
    cause,
  });
}
