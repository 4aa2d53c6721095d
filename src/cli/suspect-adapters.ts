import { stat } from 'node:fs/promises';

import { InputError } from '../base/index.js';
import { readFileLimited } from '../files/index.js';
import type { Suspect } from '../protocol/index.js';
import {
  chatSuspect,
  commandSuspect,
  httpJsonSuspect,
  mostEnlargement,
  openInferenceSuspect,
  openOnnxSuspect,
  openTfjsGraphSuspect,
  openTfjsSuspect,
  parseHttpJson,
  predictSuspect,
  type Reading,
  type RequestOptions,
  secretFrom,
} from '../suspect/index.js';
import { readModelFiles } from '../training/model-files.js';
import { wholeNumber } from './arguments.js';
import { inFile } from './naming.js';
import { optionName, type SuspectArguments } from './suspect-options.js';
import { suspectPreprocessing, type SuspectTask } from './suspect-task.js';

/** How questions are put, beside what the options say. */
export type Asking = RequestOptions & Pick<Reading, 'onScore'>;

/** Names of adapters, as descriptors state them. */
export type AdapterName =
  | 'tfjs'
  | 'tfjs-graph'
  | 'onnx'
  | 'open-inference'
  | 'predict-v1'
  | 'chat'
  | 'http-json'
  | 'command';

interface Adapter {
  /** Options that it reads; any other that is given would do nothing. */
  readonly reads: readonly (keyof SuspectArguments)[];
  open(args: SuspectArguments, task: SuspectTask, asking: Asking): Promise<Suspect>;
}

const server = ['endpoint', 'endpointProtocol', 'endpointKeyEnv'] as const;
const numbers = ['suspectNormalise', 'suspectOutput'] as const;

/** Every way to ask a suspect. */
export const adapters: Readonly<Record<AdapterName, Adapter>> = {
  tfjs: {
    reads: ['suspect', 'suspectNormalise'],
    open: ({ suspect = '', backend, ...args }, { what, shape, classNames }, { onScore }) =>
      openTfjsSuspect(suspect, {
        backend,
        preprocessing: suspectPreprocessing(args.suspectNormalise, shape),
        expected: { what, shape, classes: classNames.length },
        onScore,
      }),
  },
  'tfjs-graph': {
    reads: ['suspect', ...numbers],
    open: ({ suspect = '', backend, ...args }, task, { onScore }) =>
      openTfjsGraphSuspect(suspect, { backend, ...numeric(args, task), onScore }),
  },
  onnx: {
    reads: ['suspect', 'onnxLayout', ...numbers],
    open: ({ suspect = '', ...args }, task, { onScore }) =>
      openOnnxSuspect(suspect, { ...numeric(args, task), layout: args.onnxLayout, onScore }),
  },
  'open-inference': {
    reads: [...server, 'endpointModel', ...numbers],
    open: (args, task, asking) =>
      openInferenceSuspect({ ...asking, ...served(args), ...numeric(args, task) }),
  },
  'predict-v1': {
    reads: [...server, 'endpointModel', ...numbers],
    open: (args, task, asking) =>
      predictSuspect({ ...asking, ...served(args), ...numeric(args, task) }),
  },
  chat: {
    reads: [...server, 'endpointModel', 'suspectEnlarge'],
    open: (args, { shape, classNames }, asking) =>
      chatSuspect({
        ...asking,
        ...served(args),
        shape,
        classNames,
        enlargement: enlargementOf(args),
      }),
  },
  'http-json': {
    reads: ['endpointProtocol', 'endpointConfig'],
    open: async ({ endpointConfig: path = '' }, { shape, classNames }, asking) => {
      const config = await inFile(path, async () =>
        parseHttpJson(await readFileLimited(path, { limit: 2 ** 24, what: 'endpoint settings' })),
      );
      return httpJsonSuspect({ ...asking, config, shape, classNames, environment: process.env });
    },
  },
  command: {
    reads: ['suspectCommand', 'suspectShell', 'suspectEnlarge'],
    open: ({ suspectCommand = '', ...args }, { shape, classNames }, asking) =>
      commandSuspect(suspectCommand, {
        ...asking,
        shape,
        classNames,
        environment: process.env,
        shell: args.suspectShell,
        enlargement: enlargementOf(args),
      }),
  },
};

/** What the named suspect could be, the likeliest first. Throws `InputError` `usage.suspect` where none or several are named. */
export async function candidates(args: SuspectArguments): Promise<AdapterName[]> {
  const ways = ['suspect', 'endpoint', 'endpointConfig', 'suspectCommand'] as const;
  const named = ways.filter((way) => args[way] !== undefined);
  if (named.length !== 1) {
    const several = named.map(optionName).join(' and ');
    throw new InputError({
      code: 'usage.suspect',
      message: named.length === 0 ? 'the suspect is not named' : `${several} each name a suspect`,
      hint: 'give one of --suspect PATH, --endpoint URL, --endpoint-config FILE, --suspect-command LINE',
    });
  }
  const { endpointProtocol } = args;
  if ((endpointProtocol === 'http-json') !== (named[0] === 'endpointConfig') && endpointProtocol) {
    throw new InputError({
      code: 'usage.suspect',
      message: `--endpoint-protocol ${endpointProtocol} is not for ${named.map(optionName).join('')}`,
      hint: 'http-json takes --endpoint-config FILE; the other protocols take --endpoint URL',
    });
  }
  if (args.suspect !== undefined) return [await fileKind(args.suspect)];
  if (args.suspectCommand !== undefined) return ['command'];
  if (args.endpointConfig !== undefined) return ['http-json'];
  return endpointProtocol ? [endpointProtocol] : ['open-inference', 'predict-v1', 'chat'];
}

/** Throws `InputError` `usage.unused` for an option that the adapter does not read. */
export function checkRead(args: SuspectArguments, name: AdapterName): void {
  const { reads } = adapters[name];
  const everywhere: readonly string[] = ['backend', 'suspectClasses'];
  const known = new Set<string>(Object.values(adapters).flatMap((adapter) => adapter.reads));
  const unused = Object.entries(args).find(
    ([option, value]) =>
      value !== undefined &&
      known.has(option) &&
      !everywhere.includes(option) &&
      !(reads as readonly string[]).includes(option),
  );
  if (unused === undefined) return;
  throw new InputError({
    code: 'usage.unused',
    message: `${optionName(unused[0])} means nothing for a suspect of the kind ${name}`,
    hint: 'leave it out; docs/suspects.md says what each kind takes',
  });
}

async function fileKind(path: string): Promise<AdapterName> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) return 'onnx';
  return (await readModelFiles(path)).format === 'graph-model' ? 'tfjs-graph' : 'tfjs';
}

function numeric(
  { suspectNormalise, suspectOutput }: Partial<SuspectArguments>,
  { shape, classNames }: SuspectTask,
) {
  return {
    shape,
    classes: classNames.length,
    preprocessing: suspectPreprocessing(suspectNormalise, shape),
    output: suspectOutput,
  };
}

function served({ endpoint = '', endpointModel = 'model', endpointKeyEnv }: SuspectArguments) {
  const key = endpointKeyEnv === undefined ? undefined : secretFrom(process.env, endpointKeyEnv);
  return {
    url: endpoint,
    model: endpointModel,
    ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
  };
}

function enlargementOf({ suspectEnlarge }: Partial<SuspectArguments>): number | undefined {
  if (suspectEnlarge === undefined) return undefined;
  return wholeNumber('suspect-enlarge', suspectEnlarge, { least: 1, most: mostEnlargement });
}
