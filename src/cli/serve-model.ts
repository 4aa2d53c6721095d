import type { Argv } from 'yargs';

import { serveModel } from '../suspect/serve.js';
import { loadModelFolder } from '../training/loaded-model.js';
import { wholeNumber } from './arguments.js';
import { note } from './terminal.js';
import { backendOption } from './train-options.js';

export function addServeModel(program: Argv): Argv {
  return program.command(
    'serve-model <folder>',
    'Serve a model folder by the Open Inference Protocol V2, to try a judge against',
    (yargs) =>
      yargs
        .positional('folder', { type: 'string', demandOption: true, describe: 'Model folder' })
        .options({
          port: {
            type: 'number',
            requiresArg: true,
            default: 7412,
            describe: '0 takes a free one',
          },
          host: { type: 'string', default: '127.0.0.1', describe: 'Address to listen on' },
          name: { type: 'string', default: 'model', describe: 'Name of the model' },
          scores: { type: 'boolean', default: false, describe: 'Tell scores beside the label' },
          ...backendOption,
        })
        .epilogue('Example:\n  $0 serve-model model --port 7412'),
    async (args) => {
      const port = wholeNumber('port', args.port, { least: 0, most: 65_535 });
      const model = await loadModelFolder(args.folder, { backend: args.backend });
      try {
        const server = await serveModel({
          model: {
            name: args.name,
            shape: model.spec.shape,
            classes: model.spec.classes,
            logits: args.scores,
            predict: (pixels, count) => model.predict(pixels, count),
          },
          host: args.host,
          port,
        });
        note(`serving ${args.name} on ${server.url} (${model.backend}), without authentication`);
        note(`try: veilmark judge … --endpoint ${server.url} --endpoint-model ${args.name}`);
        await new Promise<void>((resolve) => {
          process.once('SIGINT', resolve);
          process.once('SIGTERM', resolve);
        });
        await server.close();
      } finally {
        model.dispose();
      }
    },
  );
}
