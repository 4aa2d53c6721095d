import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { concatBytes, type Image, sameShape, type Shape } from '../../base/index.js';
import type { Suspect } from '../../protocol/index.js';
import type { Reading } from '../answers.js';
import { recordBody } from '../attempt.js';
import { answerInBatches, type BatchAnswer } from '../batching.js';
import { describeSuspect } from '../descriptor.js';
import { tryOut } from '../first-question.js';
import { describePng, pngOf } from '../image-encoding.js';
import { defaultLimits, type RequestLimits, type RequestOptions } from '../request.js';
import type { Environment } from '../secrets.js';
import { argumentDigests, fileSha256, findProgram, identifyFiles } from './program.js';
import { readLines } from './read.js';
import { runProgram } from './run.js';
import { commandWords, shellWords } from './words.js';

export interface CommandOptions
  extends Pick<RequestOptions, 'record' | 'recall' | 'signal'>, Pick<Reading, 'onScore'> {
  readonly shape: Shape;
  readonly classNames: readonly string[];
  readonly environment: Environment;
  /** Whether the command is for `/bin/sh`, with pipes and variables; the folder is its `$1`. */
  readonly shell?: boolean | undefined;
  /** Factor by which pictures are enlarged. */
  readonly enlargement?: number | undefined;
  /** The time is for each picture of a run, and that of three more for starting. */
  readonly limits?: RequestLimits | undefined;
}

/** Pictures of one run: a program that loads a large model should do so seldom. */
const picturesInRun = 256;

/**
 * A suspect that is a program: it gets a folder of PNG files, `00000.png` and so on, as its last argument, and prints a line
 * for each in that order. Runs it once at once, on a harmless picture.
 *
 * Throws `InputError` `suspect.command`; `EnvironmentError` with the code of a refusal of the first run. Later it refuses
 * instead.
 */
export async function commandSuspect(line: string, options: CommandOptions): Promise<Suspect> {
  const { shape, classNames, environment, shell = false, enlargement = 1, onScore } = options;
  const words = shell ? shellWords(line) : commandWords(line);
  const [name = '', ...args] = words;
  const program = await findProgram(name, environment);
  const digest = await fileSha256(program);
  const question = { ...options, words: [program, ...args], line };
  const ask = async (batch: readonly Image[], signal?: AbortSignal): Promise<BatchAnswer> => {
    if (!batch.every((image) => sameShape(image.shape, shape))) return 'suspect.shape';
    const pictures = await Promise.all(batch.map((image) => pngOf(image, enlargement)));
    const outcome = await answer(pictures, { ...question, signal });
    if (typeof outcome === 'string') return outcome;
    return readLines(outcome, { count: batch.length, classNames, onScore });
  };
  const suspect: Suspect = {
    ...describeSuspect({
      kind: 'command',
      identity: `${line} (program SHA-256 ${digest})`,
      shape,
      classes: classNames.length,
      preprocessing: describePng(enlargement),
      settings: { arguments: await argumentDigests(args), classNames, shell },
    }),
    batchSize: picturesInRun,
    identify: () => identifyFiles(program, args),
    classify: (images, signal) =>
      answerInBatches({
        images,
        signal,
        batchSize: picturesInRun,
        ask: (batch) => ask(batch, signal),
      }),
    close: () => Promise.resolve(),
  };
  await tryOut(suspect, {
    shape,
    what: line,
    hint: 'run it yourself on a folder with a PNG file: it must print one line a picture and end with exit code 0',
    signal: options.signal,
  });
  return suspect;
}

/** What the program prints about these pictures, recorded; or why it is not to be read. */
async function answer(
  pictures: readonly Uint8Array[],
  {
    words,
    line,
    environment,
    limits = defaultLimits,
    record,
    recall,
    signal,
  }: CommandOptions & { readonly words: readonly string[]; readonly line: string },
) {
  const request = recordBody(concatBytes(...pictures), { limit: limits.responseLimit });
  const question = { method: 'RUN', url: line, request };
  const known = recall?.(question);
  if (known) return known.failed?.cause ?? known.body;
  const started = new Date().toISOString();
  const timeoutMs = limits.timeoutMs * (pictures.length + 3);
  const { status, output, failure } = await inFolder(pictures, (folder) =>
    runProgram([...words, folder], { environment, limits: { ...limits, timeoutMs }, signal }),
  );
  await record?.({
    kind: 'process',
    attempt: 0,
    started,
    ended: new Date().toISOString(),
    ...question,
    requestHeaders: {},
    status,
    responseHeaders: {},
    response: recordBody(output, { limit: limits.responseLimit }),
    certificate: '',
    failed: failure?.failed ?? '',
  });
  return failure?.failed ?? output;
}

/** Writes pictures into a folder of nobody else's, which is gone afterwards. */
async function inFolder<T>(
  pictures: readonly Uint8Array[],
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'veilmark-pictures-'));
  try {
    for (const [i, png] of pictures.entries()) {
      await writeFile(join(folder, `${String(i).padStart(5, '0')}.png`), png);
    }
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
