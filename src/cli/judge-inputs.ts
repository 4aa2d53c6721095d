import { bytesToHex, InputError } from '../base/index.js';
import { classCount, type Commitment } from '../commitment/index.js';
import { readFileLimited } from '../files/index.js';
import { checkOpeningKey } from '../proof/index.js';
import { checkKeyCircuit, readVerificationKey } from '../proof/keys/key-folder.js';
import {
  devKey,
  labelMapCharge,
  type Policy,
  requireThreshold,
  type Suspect,
} from '../protocol/index.js';
import { verifyTranscript } from '../verifier/index.js';
import { asWish, inFile } from './naming.js';
import { adapters, type Asking, candidates, checkRead } from './suspect-adapters.js';
import type { SuspectArguments } from './suspect-options.js';
import { readClassNames } from './suspect-task.js';

/**
 * The policy with `--hidden-proofs` and `--opening-key`, and the key's file. Throws `InputError` `usage.hidden-proofs`,
 * `usage.opening-key`, or as `readVerificationKey` does.
 */
export async function withOpeningKey(
  policy: Policy,
  { parameters }: Commitment,
  args: {
    hiddenProofs?: string | undefined;
    openingKey?: string | undefined;
    allowDevKeys: boolean;
  },
): Promise<{ policy: Policy; openingKey: Uint8Array | undefined }> {
  const { hiddenProofs = String(policy.hiddenProofs) } = args;
  if (!/^(none|all|[1-9]\d{0,3}|1\d{4}|20000)$/.test(hiddenProofs)) {
    throw new InputError({
      code: 'usage.hidden-proofs',
      message: `--hidden-proofs ${hiddenProofs.slice(0, 40)} is neither none, all nor a number up to 20000`,
      hint: 'write e.g. --hidden-proofs 8',
    });
  }
  if (hiddenProofs === 'none') {
    if (args.openingKey !== undefined) {
      throw new InputError({
        code: 'usage.opening-key',
        message: '--opening-key is given, and neither it nor the policy asks for proofs',
        hint: 'say how many with --hidden-proofs N, or all',
      });
    }
    return { policy: { ...policy, hiddenProofs, openingKey: '' }, openingKey: undefined };
  }
  if (args.openingKey === undefined) {
    throw new InputError({
      code: 'usage.opening-key',
      message: 'proofs of hidden pairs are asked for, and the key that verifies them is not named',
      hint: 'give --opening-key FILE, the file NAME.key of the folder that `veilmark setup` wrote',
    });
  }
  const key = await inFile(args.openingKey, () => readVerificationKey(args.openingKey ?? ''));
  const { bytes, digest } = key;
  await checkKeyCircuit(key);
  checkOpeningKey(key, parameters);
  if (key.stamp === 'dev' && !args.allowDevKeys) throw devKey();
  const pinned = policy.openingKey || bytesToHex(digest);
  if (pinned !== bytesToHex(digest)) {
    throw new InputError({
      code: 'usage.opening-key',
      message: `${args.openingKey} is the key ${bytesToHex(digest)}, the policy pins ${pinned}`,
      hint: 'use the key that the policy names, or change the policy',
    });
  }
  const count = hiddenProofs === 'all' ? hiddenProofs : Number(hiddenProofs);
  return { policy: { ...policy, hiddenProofs: count, openingKey: pinned }, openingKey: bytes };
}

/** The address of a prover. Throws `InputError` `usage.prover`. */
export function parseProver(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'ws:' || url?.protocol === 'wss:') return text;
  throw new InputError({
    code: 'usage.prover',
    message: `--prover ${JSON.stringify(text.slice(0, 200))} is no address of a prover`,
    hint: 'write what `veilmark prove` printed, e.g. wss://127.0.0.1:7411',
  });
}

/**
 * The suspect that the options name, asked about the commitment's images. Throws as its adapter does, or `InputError`
 * `usage.suspect`, `usage.unused`.
 */
export async function openSuspect(
  args: SuspectArguments,
  { parameters: { shape, classNames } }: Commitment,
  asking: Asking,
): Promise<Suspect> {
  const [likely = 'tfjs'] = await candidates(args);
  const name = args.endpoint === undefined ? likely : (args.endpointProtocol ?? 'open-inference');
  checkRead(args, name);
  const names =
    args.suspectClasses === undefined ? classNames : await readClassNames(args.suspectClasses);
  return adapters[name].open(args, { shape, classNames: names, what: 'the commitment' }, asking);
}

/** The label map of `--label-map`. Throws `InputError` `judge.label-map`, or `policy.*` where no claim can win with it. */
export async function readLabelMap(
  path: string | undefined,
  { parameters }: Commitment,
  policy: Policy,
): Promise<number[] | undefined> {
  if (path === undefined) return undefined;
  const bytes = await readFileLimited(path, { limit: 2 ** 22, what: 'label map' });
  const lines = new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/);
  if (!lines.every((line) => /^(-1|\d{1,6})$/.test(line.trim()))) {
    throw new InputError({
      code: 'judge.label-map',
      message: `${path}: expected one committed label or -1 a line`,
      hint: 'line i, counted from 0, is what class i of the suspect means in the commitment',
    });
  }
  const labelMap = lines.map(Number);
  const classes = classCount(parameters);
  const foreign = labelMap.find((label) => label >= classes);
  if (foreign !== undefined) {
    throw new InputError({
      code: 'judge.label-map',
      message: `${path} names the label ${foreign}, the commitment has ${classes}`,
      hint: `write labels from 0 to ${classes - 1}, or -1 for none`,
    });
  }
  asWish(() => requireThreshold(parameters, policy, labelMapCharge(labelMap, classes)));
  return labelMap;
}

/** Refuses a label map that is not for this suspect. Throws `InputError` `judge.label-map`. */
export function checkLabelMap(
  labelMap: readonly number[] | undefined,
  { descriptor: { classes } }: Suspect,
): void {
  if (labelMap === undefined || labelMap.length === classes) return;
  throw new InputError({
    code: 'judge.label-map',
    message: `the label map has ${labelMap.length} lines, the suspect has ${classes} classes`,
    hint: 'write one line for each class of the suspect',
  });
}

/**
 * The batch that an earlier transcript of this claim opened. A challenge alone does not count: any judge can write one that
 * it never sent, and an honest owner would later be blamed. Throws `InputError` `judge.earlier`.
 */
export async function spentBatch(path: string, commitment: Commitment): Promise<number> {
  const file = await readFileLimited(path, { limit: 2 ** 30, what: 'transcript' });
  const expected = { commitment: commitment.bytes };
  const { session } = await inFile(path, () =>
    verifyTranscript(file, { expected, opened: commitment }),
  );
  const reached = session.phase === 'aborted' ? session.before : session;
  if ('labels' in reached) return reached.challenge.batch;
  throw new InputError({
    code: 'judge.earlier',
    message: `${path} opens no batch: its session ended before the openings`,
    hint: `leave it out; it says nothing about commitment ${bytesToHex(commitment.digest)}`,
  });
}
