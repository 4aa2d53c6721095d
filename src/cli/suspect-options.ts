import type { InferredOptionTypes, Options } from 'yargs';

import { mostEnlargement, onnxLayouts } from '../suspect/index.js';
import type { backendOption } from './train-options.js';

const group = 'The suspect:';

/** Protocols of `--endpoint-protocol`. */
export const endpointProtocols = ['open-inference', 'predict-v1', 'chat', 'http-json'] as const;

/** Options that name a suspect and say how it is asked. Defaults are the adapters': the parser's would count as given. */
export const suspectOptions = {
  suspect: {
    group,
    type: 'string',
    describe: 'Model folder (TensorFlow.js layers or graph format), or ONNX file',
  },
  endpoint: {
    group,
    type: 'string',
    describe: 'URL of a server, without the protocol’s own path',
  },
  'endpoint-protocol': {
    group,
    choices: endpointProtocols,
    describe:
      'Open Inference Protocol V2, :predict of TensorFlow Serving and KServe V1, OpenAI-style vision chat, or any HTTP interface [open-inference]',
  },
  'endpoint-model': { group, type: 'string', describe: 'Name of the model there [model]' },
  'endpoint-config': {
    group,
    type: 'string',
    describe: 'Settings of http-json, in place of --endpoint (docs/suspects.md)',
  },
  'endpoint-key-env': {
    group,
    type: 'string',
    describe: 'Environment variable with a key, sent as `authorization: Bearer`',
  },
  'suspect-command': {
    group,
    type: 'string',
    describe: 'Program that prints a class or a JSON list of scores for each PNG file of a folder',
  },
  'suspect-shell': {
    group,
    type: 'boolean',
    describe: 'Have a shell run the command, with the folder as "$1"',
  },
  'suspect-classes': {
    group,
    type: 'string',
    describe: 'File with the names of the suspect’s classes, one a line [those committed to]',
  },
  'suspect-normalise': {
    group,
    type: 'string',
    describe:
      'How pixels become numbers: none (pixels / 255), cifar10, imagenet, or MEAN/STD [files: none; servers: bytes]',
  },
  'suspect-output': {
    group,
    type: 'string',
    describe: 'Name of the output to read [the first that fits]',
  },
  'suspect-enlarge': {
    group,
    type: 'number',
    requiresArg: true,
    describe: `Draw each pixel as N x N pixels of a PNG, up to ${mostEnlargement} [chat: to 224, else 1]`,
  },
  'onnx-layout': {
    group,
    choices: onnxLayouts,
    describe: 'Order of an ONNX input, where its shape leaves it open',
  },
} as const satisfies Record<string, Options>;

type Camel<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Name;
type Given = InferredOptionTypes<typeof suspectOptions & typeof backendOption>;

/** What the options give, under the names that the parser makes of them. */
export type SuspectArguments = { readonly [Name in keyof Given as Camel<Name>]: Given[Name] };

/** An option as it is written. */
export function optionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
