import type { Argv } from 'yargs';

import { InputError, parseShape, VeilmarkError } from '../base/index.js';
import { readPicture } from '../files/index.js';
import type { Suspect } from '../protocol/index.js';
import { harmlessImage, type Refusal, refusals } from '../suspect/index.js';
import { wholeNumber } from './arguments.js';
import { readCommitment } from './claim-folder.js';
import { type AdapterName, adapters, candidates, checkRead } from './suspect-adapters.js';
import { optionName, type SuspectArguments, suspectOptions } from './suspect-options.js';
import { readClassNames, type SuspectTask } from './suspect-task.js';
import { note, oneLine, print } from './terminal.js';
import { backendOption } from './train-options.js';

const examples = `Examples:
  $0 suspect probe http://127.0.0.1:7412 --commitment claim/commitment.veilmark
  $0 suspect probe model.onnx --shape 28x28x1 --classes 10
  $0 suspect probe --endpoint-config settings.json --commitment claim/commitment.veilmark`;

export function addSuspect(program: Argv): Argv {
  return program.command('suspect', 'Look at a suspect before a session', (yargs) =>
    yargs
      .command(
        'probe [target]',
        'Try the ways to ask a suspect with one harmless image, and say what to give to judge',
        (inner) =>
          inner
            .positional('target', {
              type: 'string',
              describe: 'URL, ONNX file or model folder; or name it as for judge',
            })
            .options({
              ...suspectOptions,
              commitment: { type: 'string', describe: 'Tells shape and classes' },
              shape: { type: 'string', describe: 'In place of a commitment, e.g. 28x28x1' },
              classes: {
                type: 'number',
                requiresArg: true,
                describe: 'In place of a commitment: number of classes',
              },
              picture: {
                type: 'string',
                describe: 'Ask about this picture, and about no slope from dark to bright',
              },
              ...backendOption,
            })
            .epilogue(examples),
        async (args) => {
          await probe(withTarget(args), args);
        },
      )
      .demandCommand(1, 'say what to do: suspect probe'),
  );
}

interface ProbeArguments {
  readonly commitment?: string | undefined;
  readonly shape?: string | undefined;
  readonly classes?: number | undefined;
  readonly suspectClasses?: string | undefined;
  readonly picture?: string | undefined;
}

/** What came of one way to ask. */
type Finding =
  | { readonly name: AdapterName; readonly answer: string; readonly suspect: Suspect }
  | { readonly name: AdapterName; readonly why: string };

async function probe(args: SuspectArguments, about: ProbeArguments): Promise<void> {
  const task = await taskOf(about);
  const { shape } = task;
  const image =
    about.picture === undefined
      ? harmlessImage(shape)
      : await readPicture(about.picture, { shape, fit: 'crop' });
  const names = await candidates(args);
  const [only] = names;
  if (only !== undefined && names.length === 1) checkRead(args, only);
  const findings: Finding[] = [];
  for (const name of names) findings.push(await tryAdapter(name, { args, task, image }));
  const found = findings.find((finding) => 'suspect' in finding);
  if (found === undefined) {
    const reasons = findings.map(
      (finding) => `${finding.name}: ${'why' in finding ? finding.why : ''}`,
    );
    throw new InputError({
      code: 'suspect.unfit',
      message: `no way to ask it fits. ${reasons.join('. ')}`,
      hint: 'correct what the likeliest one misses, or describe the interface with --endpoint-config (docs/suspects.md)',
    });
  }
  for (const finding of findings) {
    const isFit = 'suspect' in finding;
    const said = isFit ? `fits: ${finding.answer}` : `does not fit: ${finding.why}`;
    print(`${finding.name.padEnd(16)}${oneLine(said)}`);
  }
  const { descriptor, settings } = found.suspect;
  print(`${'preprocessing'.padEnd(16)}${descriptor.preprocessing}`);
  print(`${'identity'.padEnd(16)}${descriptor.identity}`);
  print(`${'digest'.padEnd(16)}${descriptor.digest}`);
  print(`${'settings'.padEnd(16)}${JSON.stringify(settings ?? {})}`);
  print(`${'judge'.padEnd(16)}${optionsFor(args, found.name)}`);
  note('the digest is bound by the first message of a session: the same options give the same one');
}

/** One question, asked in one way; nothing that goes wrong passes through but a defect of veilmark. */
async function tryAdapter(
  name: AdapterName,
  {
    args,
    task,
    image,
  }: { args: SuspectArguments; task: SuspectTask; image: ReturnType<typeof harmlessImage> },
): Promise<Finding> {
  const scores: number[] = [];
  const onScore = (score: number): void => void scores.push(score);
  try {
    const suspect = await adapters[name].open(args, task, { onScore });
    scores.length = 0;
    const [answer] = await suspect.classify([image]).finally(() => suspect.close());
    if (answer === undefined || 'refused' in answer) {
      const code = (answer?.refused ?? 'suspect.count') as Refusal;
      return { name, why: `${refusals[code]} [${code}]` };
    }
    const { label } = answer;
    const named = `class ${label} (${namesOf(suspect, task)[label] ?? 'without a name'})`;
    const scored = scores.map((score) => `, score ${Number(score.toPrecision(6))}`).join('');
    return { name, suspect, answer: `${named}${scored}` };
  } catch (error) {
    if (!(error instanceof VeilmarkError)) throw error;
    return { name, why: `${error.message} [${error.code}]` };
  }
}

/** Settings may name classes of their own. */
function namesOf({ settings }: Suspect, { classNames }: SuspectTask): readonly string[] {
  return (settings as { classNames?: readonly string[] } | undefined)?.classNames ?? classNames;
}

/** Throws `InputError` `usage.task` where nothing tells shape and classes. */
async function taskOf(about: ProbeArguments): Promise<SuspectTask> {
  const named =
    about.suspectClasses === undefined ? undefined : await readClassNames(about.suspectClasses);
  if (about.commitment !== undefined) {
    const { shape, classNames } = (await readCommitment(about.commitment)).parameters;
    return { shape, classNames: named ?? classNames, what: 'the commitment' };
  }
  const { classes } = about;
  const names =
    classes === undefined
      ? []
      : Array.from(
          { length: wholeNumber('classes', classes, { least: 2, most: 100_000 }) },
          (_, label) => String(label),
        );
  const classNames = named ?? names;
  if (about.shape !== undefined && classNames.length > 0) {
    return { shape: parseShape(about.shape), classNames, what: 'the task' };
  }
  throw new InputError({
    code: 'usage.task',
    message: 'nothing tells the shape of the images and the classes',
    hint: 'give --commitment FILE, or --shape with --classes N or --suspect-classes FILE',
  });
}

function withTarget<T extends SuspectArguments & { target?: string | undefined }>(args: T): T {
  const { target } = args;
  if (target === undefined) return args;
  return /^https?:/i.test(target) ? { ...args, endpoint: target } : { ...args, suspect: target };
}

/** The options that have `judge` ask in this way. */
function optionsFor(args: SuspectArguments, name: AdapterName): string {
  const { reads } = adapters[name];
  const isServer = args.endpoint !== undefined;
  const chosen = { ...args, ...(isServer && { endpointProtocol: name }) };
  return [...reads, 'suspectClasses' as const]
    .flatMap((option) => {
      const value = chosen[option];
      if (value === undefined || value === false) return [];
      const flag = optionName(option);
      return value === true ? [flag] : [`${flag} ${quoted(String(value))}`];
    })
    .join(' ');
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
