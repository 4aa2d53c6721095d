import type { Argv } from 'yargs';

import { bytesToHex, InputError } from '../base/index.js';
import { mustBeWritable, mustNotExist, writeFileAtomic } from '../files/index.js';
import type { IntegerNetwork } from '../network/index.js';
import { loadDataset } from '../training/data/index.js';
import { measureFidelity, quantiseFolder } from '../training/integer-network.js';
import { checkModelFits, type LoadedModel, loadModelFolder } from '../training/loaded-model.js';
import { wholeNumber } from './arguments.js';
import { calibrationImages, spreadImages } from './calibration.js';
import { readCommitment } from './claim-folder.js';
import { parseBits } from './network-bits.js';
import { Progress } from './progress.js';
import { note, percent, print } from './terminal.js';
import { backendOption, dataOptions } from './train-options.js';

/** Most test images on which a network is compared with its model. */
const testImages = 2000;

export function addNetworkMake(program: Argv): Argv {
  return program.command(
    'make <file>',
    'Round a model to integers, and say how often they answer alike',
    (yargs) =>
      yargs
        .positional('file', {
          type: 'string',
          demandOption: true,
          describe: 'Network file to write',
        })
        .options({
          suspect: {
            type: 'string',
            demandOption: true,
            describe: 'Model folder (TensorFlow.js layers format)',
          },
          data: dataOptions.data,
          fit: dataOptions.fit,
          ...backendOption,
          bits: {
            type: 'string',
            default: '10,10',
            describe: 'Bits of a neuron’s output and of its remainder',
          },
          calibrate: {
            type: 'number',
            requiresArg: true,
            default: 1000,
            describe: 'Training images on which ranges are measured, beside 200 abstract ones',
          },
          headroom: {
            type: 'number',
            requiresArg: true,
            default: 1.5,
            describe: 'Room above the greatest value measured',
          },
          commitment: {
            type: 'string',
            describe: 'Commitment file, whose audited images are measured too',
          },
        })
        .epilogue('Example:\n  $0 network make suspect.network --suspect model'),
    async (args) => {
      await mustNotExist(args.file);
      await mustBeWritable(args.file);
      const bits = parseBits(args.bits);
      const count = wholeNumber('calibrate', args.calibrate, { least: 1, most: 20_000 });
      const headroom = checkHeadroom(args.headroom);
      const commitment =
        args.commitment === undefined ? undefined : await readCommitment(args.commitment);
      const model = await loadModelFolder(args.suspect, { backend: args.backend });
      try {
        const { shape } = model.spec;
        const { fit } = args;
        if (commitment) checkModelFits(model, { what: 'the commitment', ...fitsOf(commitment) });
        const dataset = await loadDataset(args.data, { split: 'train', shape, fit });
        const classes = dataset.classNames.length;
        checkModelFits(model, { what: 'the data', shape: dataset.shape, classes });
        const images = calibrationImages({ dataset, commitment, count });
        const progress = new Progress('quantising');
        const onProgress = progress.update.bind(progress);
        const options = { ...bits, images, headroom, onProgress };
        const network = await quantiseFolder(args.suspect, options);
        progress.end();
        const test = await loadDataset(args.data, { split: 'test', shape, fit });
        const fidelity = await describeFidelity(network, model, spreadImages(test, testImages));
        await writeFileAtomic(args.file, network.bytes, { exclusive: true });
        print(
          [
            `network   ${bytesToHex(network.digest)}`,
            `neurons   ${network.neurons} of ${bits.A} + ${bits.S} bits`,
            `fidelity  ${fidelity}`,
          ].join('\n'),
        );
        note(`wrote ${args.file}; \`veilmark network check\` compares it with the model`);
      } finally {
        model.dispose();
      }
    },
  );
}

function fitsOf({ parameters }: Awaited<ReturnType<typeof readCommitment>>) {
  return { shape: parameters.shape, classes: parameters.classNames.length };
}

async function describeFidelity(
  network: IntegerNetwork,
  model: LoadedModel,
  images: ReturnType<typeof spreadImages>,
): Promise<string> {
  const progress = new Progress('comparing with the model');
  const onProgress = progress.update.bind(progress);
  const { agreed, asked, outOfRange } = await measureFidelity(network, model, images, onProgress);
  progress.end();
  const without = outOfRange === 0 ? '' : `, ${outOfRange} beyond their bits`;
  return `${percent(agreed, asked)}  the class of the model on ${agreed} of ${asked} test images${without}`;
}

function checkHeadroom(headroom: number): number {
  if (headroom >= 1 && headroom <= 1000) return headroom;
  throw new InputError({
    code: 'usage.number',
    message: `--headroom is ${headroom}, not a number from 1 to 1000`,
    hint: 'write e.g. --headroom 1.5: with more room fewer images leave it, and weights are coarser',
  });
}
