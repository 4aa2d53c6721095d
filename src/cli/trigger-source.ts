import { InputError, type Image, type Shape } from '../base/index.js';
import { type LabelMode, type MarkSource } from '../commitment/index.js';
import { SeededStream, systemRandom, taggedHash } from '../crypto/index.js';
import { type Fit, readFileLimited } from '../files/index.js';
import { imagesFromSecret, importTriggers } from '../triggers/index.js';
import { note } from './terminal.js';

/** Where the images and labels of a new mark come from. */
export interface TriggerRequest {
  readonly shape: Shape;
  readonly classes: number;
  readonly count: number;
  readonly labelMode: LabelMode;
  /** A folder of pictures; abstract images are made without one. */
  readonly pictures?: { readonly folder: string; readonly fit: Fit } | undefined;
  /** In chosen mode a file of labels; random ones are drawn without it. */
  readonly labelFile?: string | undefined;
  /** A file with the natural class of each picture, `none` or a number a line. */
  readonly naturalFile?: string | undefined;
  /** For tests: a short seed in place of the system's entropy. */
  readonly seed?: string | undefined;
}

/** Makes or imports the secret half of a claim. Throws `InputError` `trigger.*`, `picture.*` or `commit.*`. */
export async function makeMarkSource(request: TriggerRequest): Promise<MarkSource> {
  const { count, classes, labelMode, labelFile, seed } = request;
  if (labelFile !== undefined && labelMode === 'derived') {
    throw new InputError({
      code: 'commit.labels',
      message: 'labels are derived from the commitments, so a label file cannot be used',
      hint: 'add --labels chosen for the paper’s own mode, whose verdicts are weaker',
    });
  }
  const secret =
    seed === undefined ? systemRandom(32) : taggedHash('veilmark/test-secret/1', [seed]);
  const { images, labels } = await readOrMakeImages(request, secret);
  const natural = await readNatural(request);
  return {
    secret,
    origin: seed === undefined ? 'system' : 'test',
    images,
    natural,
    ...(labelMode === 'chosen' && {
      chosenLabels: labels ?? randomLabels({ secret, natural, count, classes }),
    }),
  };
}

async function readOrMakeImages(
  { shape, count, classes, pictures, labelFile }: TriggerRequest,
  secret: Uint8Array,
): Promise<{ images: readonly Image[]; labels?: readonly number[] | undefined }> {
  if (pictures === undefined) {
    if (labelFile !== undefined) {
      throw new InputError({
        code: 'commit.labels',
        message: 'a label file needs pictures that it belongs to',
        hint: 'give --images DIR',
      });
    }
    return { images: imagesFromSecret({ secret, count, shape }) };
  }
  const { images, labels, warnings } = await importTriggers({
    folder: pictures.folder,
    form: { shape, fit: pictures.fit },
    count,
    labelFile,
    classes,
  });
  for (const { code, message } of warnings) note(`warning: ${message} [${code}]`);
  return { images, labels };
}

async function readNatural({ naturalFile, count, classes }: TriggerRequest): Promise<number[]> {
  if (naturalFile === undefined) return new Array<number>(count).fill(classes);
  const bytes = await readFileLimited(naturalFile, { limit: 2 ** 20, what: 'file of classes' });
  const lines = new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/);
  const natural = lines.slice(0, count).map((line) => {
    const text = line.trim();
    return text === 'none' ? classes : /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  });
  if (natural.length < count || natural.some((value) => !(value <= classes))) {
    throw new InputError({
      code: 'commit.natural',
      message: `${naturalFile}: expected ${count} lines, each \`none\` or a class from 0 to ${classes - 1}`,
    });
  }
  return natural;
}

/** Labels as the paper draws them: uniform among the classes that the image does not have anyway. */
function randomLabels({
  secret,
  natural,
  count,
  classes,
}: {
  secret: Uint8Array;
  natural: readonly number[];
  count: number;
  classes: number;
}): number[] {
  const stream = new SeededStream('veilmark/chosen-labels/1', [secret]);
  return Array.from({ length: count }, (_, i) => {
    const own = natural[i] ?? classes;
    const label = stream.below(own < classes ? classes - 1 : classes);
    return label >= own ? label + 1 : label;
  });
}
