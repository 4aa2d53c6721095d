import type { Argv } from 'yargs';

import { bytesToHex, InputError } from '../base/index.js';
import { batchCount, maxCommitmentBytes } from '../commitment/index.js';
import { maxQueryLogBytes } from '../evidence/index.js';
import { readFileLimited } from '../files/index.js';
import {
  log2,
  openingStamp,
  pickHidden,
  type Policy,
  pValueOf,
  type QueryState,
  type Verdict,
  whiteBoxStamp,
} from '../protocol/index.js';
import { whiteBoxCircuits } from '../proof/index.js';
import { type VerificationReport, verifyTranscript } from '../verifier/index.js';
import type { BackendChoice } from '../training/backend.js';
import type { IntegerNetwork } from '../network/index.js';
import { commonest } from './commonest-label.js';
import { networkBeside, readNetwork } from './network-file.js';
import { inFile } from './naming.js';
import { queriesBeside } from './query-log.js';
import { nullReport, nullsOf } from './null-report.js';
import { readPolicy } from './policy-file.js';
import { parsePublicKey } from './secret-files.js';
import { evidenceMark, summarise } from './summary.js';
import { exitCodes, note, percent, print } from './terminal.js';
import { backendOption } from './train-options.js';

const keyKinds = { dev: 'seed that everybody knows', ceremony: 'ceremony' } as const;

const signs = { passed: 'ok  ', failed: 'FAIL', 'not-run': '--  ' } as const;

export function addVerify(program: Argv): Argv {
  return program.command(
    'verify <transcript>',
    'Re-verify a transcript offline, trusting nobody, and say what could not be checked',
    (yargs) =>
      yargs
        .positional('transcript', { type: 'string', demandOption: true, describe: 'File' })
        .options({
          commitment: {
            type: 'string',
            describe: 'Commitment file that must be the very one of the transcript',
          },
          owner: { type: 'string', describe: 'Public key that the owner must have' },
          judge: { type: 'string', describe: 'Public key that the judge must have' },
          policy: {
            type: 'string',
            describe: 'JSON file: the least that you demand [the default policy]',
          },
          'allow-dev-keys': {
            type: 'boolean',
            default: false,
            describe: 'Accept proofs under a development key: a test, and no evidence',
          },
          network: {
            type: 'string',
            describe: 'Integer network of a white box session [TRANSCRIPT.network, if it is there]',
          },
          queries: {
            type: 'string',
            describe: 'Query log of a black box session [TRANSCRIPT.queries, if it is there]',
          },
          'null-models': {
            type: 'string',
            array: true,
            describe:
              'Null models of a black box session, or folders of them (may be repeated): they are asked again',
          },
          ...backendOption,
          json: { type: 'boolean', default: false, describe: 'Print one JSON object' },
        })
        .epilogue(
          'Example:\n  $0 verify session.transcript --commitment claim/commitment.veilmark',
        ),
    async (args) => {
      const file = await readFileLimited(args.transcript, { limit: 2 ** 30, what: 'transcript' });
      const commitment =
        args.commitment === undefined
          ? undefined
          : await readFileLimited(args.commitment, {
              limit: maxCommitmentBytes,
              what: 'commitment file',
            });
      const owner = args.owner === undefined ? undefined : parsePublicKey('owner', args.owner);
      const judge = args.judge === undefined ? undefined : parsePublicKey('judge', args.judge);
      const expected = { commitment, owner, judge };
      const policy = await readPolicy(args.policy);
      mustPinKey(policy);
      const network = await findNetwork(args.network, args.transcript);
      const queries = await findQueries(args.queries, args.transcript);
      const { allowDevKeys } = args;
      const report = await inFile(args.transcript, () =>
        verifyTranscript(file, { expected, policy, network, queries, allowDevKeys }),
      );
      if (args.nullModels) await askAgain(report, args.nullModels, args.backend);
      print(args.json ? JSON.stringify(asJson(report)) : asText(report));
      process.exitCode = exitCodes[report.outcome.verdict];
    },
  );
}

/** Asks null models again; TensorFlow is loaded for this only. Throws as `recheckNullModels` does. */
async function askAgain(
  report: VerificationReport,
  folders: readonly string[],
  backend: BackendChoice,
): Promise<void> {
  const { recheckNullModels } = await import('./recheck-nulls.js');
  const { asked, named } = await recheckNullModels(report, folders, backend);
  note(`null models: ${asked} of ${named} asked again, all answer as recorded`);
}

/** The network that is named, or that lies beside the transcript. */
async function findNetwork(
  path: string | undefined,
  transcript: string,
): Promise<IntegerNetwork | undefined> {
  if (path !== undefined) return readNetwork(path);
  try {
    return await readNetwork(networkBeside(transcript));
  } catch (error) {
    if (error instanceof InputError && error.code === 'file.missing') return undefined;
    throw error;
  }
}

/** The query log that is named, or that lies beside the transcript. */
async function findQueries(
  path: string | undefined,
  transcript: string,
): Promise<Uint8Array | undefined> {
  try {
    return await readFileLimited(path ?? queriesBeside(transcript), {
      limit: maxQueryLogBytes,
      what: 'query log',
    });
  } catch (error) {
    const isAbsent = error instanceof InputError && error.code === 'file.missing';
    if (isAbsent && path === undefined) return undefined;
    throw error;
  }
}

function asText(report: VerificationReport): string {
  const lines = [...facts(report).map(([name, value]) => `${name.padEnd(14)}${value}`), ''];
  for (const { status, name, description, code, detail } of report.checks) {
    lines.push(`${signs[status]} ${name.padEnd(22)} ${description}`);
    if (code !== undefined) lines.push(`       ${code}: ${detail ?? ''}`);
    else if (status === 'not-run') lines.push(`       not run: ${detail ?? ''}`);
  }
  if (report.refusal) lines.push('', `refused message: ${describeRefusal(report)}`);
  lines.push('', 'Not checked:');
  for (const { what, why } of report.notChecked) lines.push(`  - ${what}: ${why}`);
  lines.push('', `verdict: ${summarise(report.outcome)}${evidenceMark(report.session)}`);
  return lines.join('\n');
}

/** A reader cannot ask for proofs under whatever key the judge liked. Throws `InputError` `policy.opening-key`. */
function mustPinKey({ hiddenProofs, openingKey }: Policy): void {
  if (hiddenProofs === 'none' || openingKey !== '') return;
  throw new InputError({
    code: 'policy.opening-key',
    message: 'the policy asks for proofs of hidden pairs and names no key for them',
    hint: 'set openingKey to the digest of the key that you trust, as `setup` printed it',
  });
}

function facts({ session, commitment, outcome, queries }: VerificationReport): [string, string][] {
  const reached = session.phase === 'aborted' ? session.before : session;
  const rows: [string, string][] = [];
  if (commitment) {
    const { parameters } = commitment;
    rows.push(
      ['commitment', bytesToHex(commitment.digest)],
      ['owner', bytesToHex(commitment.owner)],
      ['triggers', `${parameters.hidden} hidden, ${parameters.audited} audited`],
      ['labels', parameters.labelMode],
    );
  }
  if ('judgeHello' in reached) {
    const { judge, suspect, started, policy } = reached.judgeHello;
    rows.push(
      ['judge', judge],
      ['suspect', `${suspect.kind} ${suspect.identity}`],
      ['started', `${started} by the judge’s clock`],
      [
        'policy',
        `2^-${policy.alphaBits} after ${policy.grindingBits} + ${policy.suspectBits} bits of allowances and the number of batches`,
      ],
    );
  }
  if (commitment && 'challenge' in reached) {
    const spent = reached.ownerHello.spent.length;
    rows.push([
      'batch',
      `${reached.challenge.batch} of 0 to ${batchCount(commitment.parameters) - 1}; ${spent} declared spent before`,
    ]);
  }
  if (commitment && 'labels' in reached) {
    rows.push(['commonest', commonest(commitment.parameters, reached.labels)]);
  }
  if (commitment && 'labels' in reached) {
    const { policy } = reached.judgeHello;
    const stamp = openingStamp(session);
    if (stamp !== undefined) {
      const proven = pickHidden({ ...reached, phase: 'challenged' }, commitment).length;
      rows.push(
        ['hidden', `${proven} other pairs proven well-formed`],
        ['proof key', `${policy.openingKey}, by its own word from a ${keyKinds[stamp]}`],
      );
    }
  }
  if ('judgeHello' in reached && reached.judgeHello.whiteBox) {
    const { fidelity, network } = reached.judgeHello.whiteBox;
    const { agreed, asked } = fidelity;
    rows.push(
      ['network', network],
      ['fidelity', `${percent(agreed, asked)} of ${asked} images, by the judge’s word`],
      ...whiteBoxCircuits.flatMap((circuit): [string, string][] => {
        const digest = reached.judgeHello.policy.whiteBoxKeys[circuit];
        return digest === '' ? [] : [['proof key', `${digest} of ${circuit}`]];
      }),
    );
  }
  if ('digests' in reached) {
    const blocks = reached.digests.triggers[0]?.neurons.length ?? 0;
    rows.push(['committed', `${reached.digests.triggers.length} triggers, ${blocks} blocks each`]);
  }
  if ('verdict' in reached) rows.push(...aboutAnswers(reached.verdict, queries));
  if (commitment) {
    for (const line of nullReport(session, commitment.parameters)) rows.push(['null models', line]);
  }
  if (session.phase === 'aborted') {
    const { code, message } = session.abort;
    rows.push(['ended', `by the ${session.from}: ${message} [${code}]`]);
  }
  if (outcome.decision) {
    const rule = outcome.decision.paperRule ? 'met' : 'not met';
    rows.push(['paper’s rule', `at most ε·n mismatches: ${rule}`]);
  }
  return rows;
}

/** How the suspect answered what is no trigger. */
function aboutAnswers(
  { decoys, controls, queries: digest }: Verdict,
  queries: QueryState | undefined,
): [string, string][] {
  const { within, across, refused } = controls.repeats;
  const alike = within.with + across.with;
  const right =
    decoys.ordinaryLabelled > 0
      ? `${percent(decoys.ordinaryCorrect, decoys.ordinaryLabelled)} right`
      : 'classes unknown';
  const rows: [string, string][] = [
    [
      'decoys',
      `${decoys.ordinary} ordinary (${right}), ${decoys.abstract} abstract, ${decoys.refused} refused`,
    ],
    ['asked twice', `${within.of + across.of + refused}: ${alike} alike, ${refused} refused`],
    ['itself', selfDescription[controls.identity]],
  ];
  if (digest !== '') rows.push(['query log', digest]);
  if (queries) {
    const { attempts, certificates } = queries;
    rows.push(['attempts', `${attempts} recorded, ${certificates.size} certificates`]);
  }
  return rows;
}

const selfDescription = {
  same: 'the suspect describes itself at the end as at the beginning',
  changed: 'the suspect describes itself at the end otherwise than at the beginning',
  unknown: 'the suspect does not describe itself',
} as const;

function describeRefusal({ refusal }: VerificationReport): string {
  switch (refusal?.kind) {
    case 'breach':
      return `signed by the ${refusal.from} and against the rules (${refusal.code})`;
    case 'unsigned':
      return `against the rules (${refusal.code}), but signed by neither party: it proves nothing`;
    case 'sound':
      return 'breaks no rule; who refused it simply stopped';
    case undefined:
      return 'none';
  }
}

function asJson({ checks, outcome, notChecked, session, commitment }: VerificationReport): object {
  const { decision } = outcome;
  const stamp = openingStamp(session);
  const { whiteBox } = outcome;
  const nulls = commitment && nullsOf(session, commitment.parameters);
  return {
    verdict: outcome.verdict,
    cause: outcome.cause,
    fault: outcome.fault,
    ...(decision && {
      matched: decision.matched,
      matchedAtMost: decision.matchedAtMost,
      challenged: decision.challenged,
      threshold: decision.threshold,
      refused: decision.refused,
      log2PValue: log2(pValueOf(decision)),
      paperRule: decision.paperRule,
    }),
    ...(whiteBox && {
      whiteBox: {
        batch: whiteBox.batch,
        threshold: whiteBox.threshold,
        log2PValue: log2(pValueOf(whiteBox)),
        stamp: whiteBoxStamp(session) ?? '',
      },
    }),
    ...(nulls && { nulls: { ...nulls, chance: undefined, log2Chance: log2(nulls.chance) } }),
    ...(stamp && { openingKey: { digest: keyDigest(session), stamp } }),
    ...(commitment && {
      commitment: bytesToHex(commitment.digest),
      owner: bytesToHex(commitment.owner),
    }),
    head: bytesToHex(session.head),
    checks,
    notChecked,
  };
}

/** The digest of the key for proofs that the session's policy pins. */
function keyDigest(session: VerificationReport['session']): string {
  const reached = session.phase === 'aborted' ? session.before : session;
  return 'judgeHello' in reached ? reached.judgeHello.policy.openingKey : '';
}
