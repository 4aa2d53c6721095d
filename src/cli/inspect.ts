import { stat } from 'node:fs/promises';

import type { Argv } from 'yargs';

import { bytesToHex, formatShape, InputError } from '../base/index.js';
import { batchCount, isCommitment, openCommitment } from '../commitment/index.js';
import { isSealed, sealedHeader } from '../crypto/index.js';
import { readFileLimited } from '../files/index.js';
import {
  checkPolicy,
  decodeJournal,
  decodeTranscript,
  defaultPolicy,
  isJournal,
  isTranscript,
  type Message,
  threshold,
} from '../protocol/index.js';
import { decodeNetwork, isNetwork } from '../network/index.js';
import {
  decodeCounter,
  decodeLedger,
  decodeWhiteBoxLedger,
  isCounter,
  isLedger,
  isWhiteBoxLedger,
} from '../prover/index.js';
import { decodeCheckpoint, isCheckpoint } from '../training/checkpoint.js';
import { readModelFiles } from '../training/model-files.js';
import { inFile } from './naming.js';
import { print } from './terminal.js';

type Fact = readonly [name: string, value: string | number];

export function addInspect(program: Argv): Argv {
  return program.command(
    'inspect <file>',
    'Say what a file of veilmark is and what it holds, without opening secrets',
    (yargs) =>
      yargs
        .positional('file', {
          type: 'string',
          demandOption: true,
          describe:
            'Commitment, mark, key, ledger, counter, journal, transcript, checkpoint, policy, network, or model folder',
        })
        .epilogue('Example:\n  $0 inspect claim/commitment.veilmark'),
    async ({ file }) => {
      const facts = await inFile(file, () => describeFile(file));
      const width = Math.max(...facts.map(([name]) => name.length)) + 2;
      for (const [name, value] of facts) print(`${name.padEnd(width)}${value}`);
    },
  );
}

/** What a file or folder of ours holds. Throws `InputError` `inspect.unknown`, or as the file's own reader does. */
async function describeFile(path: string): Promise<Fact[]> {
  if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return modelFacts(path);
  const file = await readFileLimited(path, { limit: 2 ** 31 - 1, what: 'file' });
  if (isCommitment(file)) return commitmentFacts(file);
  if (isSealed(file)) return sealedFacts(file);
  if (isLedger(file)) return ledgerFacts(file);
  if (isTranscript(file)) return transcriptFacts(file);
  if (isCheckpoint(file)) return checkpointFacts(file);
  if (isNetwork(file)) return networkFacts(file);
  if (isWhiteBoxLedger(file)) return whiteBoxFacts(file);
  if (isCounter(file)) return counterFacts(file);
  if (isJournal(file)) return journalFacts(file);
  const value = file.length <= 2 ** 16 ? jsonOf(file) : undefined;
  if (fieldOf(value, 'alphaBits') !== undefined) return policyFacts(value);
  throw new InputError({
    code: 'inspect.unknown',
    message: `${path} is not a file of veilmark, or its first line is damaged`,
    hint: 'a commitment, mark, key, ledger, transcript, checkpoint, policy, integer network or model folder can be inspected',
  });
}

function commitmentFacts(file: Uint8Array): Fact[] {
  const { parameters, owner, digest, order, audit } = openCommitment(file);
  const needed = threshold(parameters, defaultPolicy);
  return [
    ['kind', 'commitment file (public); signature, label seed and audit hold'],
    ['digest', bytesToHex(digest)],
    ['owner', bytesToHex(owner)],
    ['origin', parameters.origin === 'system' ? 'system randomness' : 'TEST SEED: no evidence'],
    ['labels', parameters.labelMode],
    ['natural classes', parameters.natural],
    ['shape', formatShape(parameters.shape)],
    ['classes', `${parameters.classNames.length}: ${parameters.classNames.join(', ')}`],
    ['hidden', `${parameters.hidden} in ${batchCount(parameters)} batches`],
    ['batch size', parameters.batchSize],
    ['needed', needed === undefined ? 'cannot win' : `${needed} matches by the default policy`],
    ['audited', `${audit.length}: pairs ${order.audited.join(', ')}`],
  ];
}

function sealedFacts(file: Uint8Array): Fact[] {
  const header = sealedHeader(file);
  const encrypted = header.cipher !== 'none';
  return [
    ['kind', `${header.content} file (secret)`],
    ['encryption', encrypted ? `${header.cipher}, scrypt N = 2^${header.logN}` : 'none: plain'],
    ['bytes', file.length],
  ];
}

function networkFacts(file: Uint8Array): Fact[] {
  const { digest, model, shape, classes, neurons, A, S } = decodeNetwork(file);
  return [
    ['kind', 'integer network (public); its bounds hold'],
    ['digest', bytesToHex(digest)],
    ['model', bytesToHex(model)],
    ['shape', formatShape(shape)],
    ['classes', classes],
    ['neurons', `${neurons} of ${A} + ${S} bits; see \`veilmark network info\``],
  ];
}

function whiteBoxFacts(file: Uint8Array): Fact[] {
  const { commitment, sessions } = decodeWhiteBoxLedger(file);
  return [
    ['kind', 'ledger of white box sessions'],
    ['commitment', commitment],
    ['sessions', sessions.length],
  ];
}

function counterFacts(file: Uint8Array): Fact[] {
  const { commitment, sessions, spendings } = decodeCounter(file);
  return [
    ['kind', 'counter of the ledgers'],
    ['commitment', commitment],
    ['opened', spendings.length],
    ['white box', `${sessions.length} sessions`],
  ];
}

function journalFacts(file: Uint8Array): Fact[] {
  const { begin, records } = decodeJournal(file);
  return [
    ['kind', 'journal of a running session (secret)'],
    ['role', begin.role],
    ['commitment', begin.commitment],
    ['messages', records.length],
  ];
}

function ledgerFacts(file: Uint8Array): Fact[] {
  const { commitment, spendings } = decodeLedger(file);
  return [
    ['kind', 'ledger of opened batches'],
    ['commitment', commitment],
    ['opened', spendings.length],
    ...spendings.map(({ batch, judge }): Fact => [`batch ${batch}`, `opened to judge ${judge}`]),
  ];
}

function transcriptFacts(file: Uint8Array): Fact[] {
  const { messages, refused } = decodeTranscript(file);
  return [
    ['kind', 'transcript of a session; nothing in it is checked here: use `veilmark verify`'],
    ...claims(messages),
    ...messages.map(({ seq, from, type, payload }): Fact => [
      `message ${seq}`,
      `${type} from the ${from}, ${payload.length} bytes`,
    ]),
    ...(refused ? [['refused', `a message of ${refused.length} bytes`] as const] : []),
  ];
}

/** What the judge's messages say, as far as they can be read. */
function claims(messages: readonly Message[]): Fact[] {
  const bodies = messages
    .filter(({ from }) => from === 'judge')
    .map(({ payload }) => jsonOf(payload));
  const find = (...path: string[]): Fact[1] | undefined =>
    bodies
      .map((body) => path.reduce<unknown>(fieldOf, body))
      .find((value) => typeof value === 'string' || typeof value === 'number');
  const facts: [name: string, value: Fact[1] | undefined][] = [
    ['mode', find('mode')],
    ['suspect', find('suspect', 'identity')],
    ['asked by', find('suspect', 'kind')],
    ['preprocessing', find('suspect', 'preprocessing')],
    ['suspect digest', find('suspect', 'digest')],
    ['judge', find('judge')],
    ['alpha bits', find('policy', 'alphaBits')],
    ['grinding bits', find('policy', 'grindingBits')],
    ['suspect bits', find('policy', 'suspectBits')],
    ['verdict', find('decision', 'verdict')],
  ];
  return facts.flatMap(([name, value]): Fact[] =>
    value === undefined ? [] : [[name, `${value} (as stored, not verified)`]],
  );
}

function policyFacts(value: unknown): Fact[] {
  return [
    ['kind', 'policy of a judge'],
    ...Object.entries(checkPolicy(value)).map(([name, rule]): Fact => [
      name,
      typeof rule === 'object' ? JSON.stringify(rule) : rule,
    ]),
  ];
}

/** What bytes say as JSON, if they are JSON. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function checkpointFacts(file: Uint8Array): Fact[] {
  const { run, epoch, backend } = decodeCheckpoint(file);
  return [
    ['kind', 'training checkpoint'],
    ['epoch', epoch],
    ['backend', backend],
    ...Object.entries(run).map(([name, value]): Fact => [name, JSON.stringify(value)]),
  ];
}

async function modelFacts(folder: string): Promise<Fact[]> {
  const { manifest, digest } = await readModelFiles(folder);
  const kind = 'model folder in the TensorFlow.js layers format';
  if (!manifest)
    return [
      ['kind', `${kind}, without a manifest`],
      ['digest', digest],
    ];
  const { spec, accuracy, commitment, recipe, packages } = manifest;
  return [
    ['kind', kind],
    ['digest', digest],
    ['architecture', spec.architecture],
    ['shape', spec.shape],
    ['classes', manifest.classNames.join(', ')],
    ['mark', commitment ?? 'none'],
    ['test accuracy', `${accuracy.test / 10_000} %`],
    ...(accuracy.triggers === undefined
      ? []
      : [['hidden triggers', `${accuracy.triggers / 10_000} %`] as const]),
    ...Object.entries(recipe).map(([name, value]): Fact => [name, JSON.stringify(value)]),
    ['trained on', manifest.backend],
    [
      'packages',
      Object.entries(packages)
        .map(([name, v]) => `${name} ${v}`)
        .join(', '),
    ],
  ];
}
