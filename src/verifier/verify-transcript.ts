import { bytesToHex, equalBytes, EvidenceError, VeilmarkError } from '../base/index.js';
import {
  checkAudit,
  classCount,
  type Commitment,
  commitmentDigest,
  parseCommitment,
  withLabelSeed,
} from '../commitment/index.js';
import {
  advance,
  assess,
  auditedLabels,
  type CheckName,
  checkNames,
  checksOf,
  checkRefused,
  type Controls,
  decide,
  type DecisionInput,
  decodeTranscript,
  defaultPolicy,
  type Finding,
  isLive,
  type JudgeHello,
  labelMapCharge,
  newSession,
  type Outcome,
  outcomeOf,
  type Policy,
  type QueryState,
  threshold,
  type Session,
  type SessionContext,
  type Transcript,
} from '../protocol/index.js';
import type { IntegerNetwork } from '../network/index.js';
import { whiteBoxCircuits } from '../proof/index.js';
import { checkQueries } from './check-queries.js';
import { type NotChecked, notChecked } from './not-checked.js';

/** One line of a verification: every name of the constant list appears, whether it ran or not. */
export interface CheckResult {
  readonly name: CheckName;
  readonly description: string;
  readonly status: 'passed' | 'failed' | 'not-run';
  /** For `failed`: the error's code. */
  readonly code?: string;
  /** For `failed`, what is wrong; for `not-run`, why. */
  readonly detail?: string;
}

export interface VerificationReport {
  readonly checks: readonly CheckResult[];
  /** Recomputed from the messages; no stored verdict is trusted. */
  readonly outcome: Outcome;
  /** Absent when the commitment file itself does not hold. */
  readonly commitment?: Commitment;
  readonly session: Session;
  /** What repeating the check of a refused message shows. */
  readonly refusal?: Finding;
  /** What the query log holds, where it was given and fits. */
  readonly queries?: QueryState;
  readonly notChecked: readonly NotChecked[];
}

export interface VerifyOptions {
  /** Accepts commitments stamped as tests. */
  readonly allowTestOrigin?: boolean;
  /** Accepts proofs under development keys; what is verified so is no evidence. */
  readonly allowDevKeys?: boolean;
  readonly knownSpent?: readonly number[];
  /** The query log of a black box session. */
  readonly queries?: Uint8Array | undefined;
  /** The integer network of a white box session. */
  readonly network?: IntegerNetwork | undefined;
  /** A commitment that the reader has opened already: transcripts about it do not each compute its slow label seed. */
  readonly opened?: Commitment;
  /** The least that the reader demands, by default the default policy: a verdict under a weaker one is judged again. */
  readonly policy?: Policy;
  /** What the reader expects; a transcript about something else fails. */
  readonly expected?: {
    readonly owner?: Uint8Array | undefined;
    readonly judge?: Uint8Array | undefined;
    /** A commitment file that must be the very one of the transcript. */
    readonly commitment?: Uint8Array | undefined;
  };
}

/**
 * Re-verifies a transcript from its bytes alone: no network, no clock, no entropy, no TensorFlow, and no trust in what
 * either party concluded. Throws `InputError` `transcript.format` or `message.format` for a file that is not one, and
 * `EvidenceError` `verify.expected` for a transcript of other parties than those expected.
 */
export function verifyTranscript(
  file: Uint8Array,
  options: VerifyOptions = {},
): VerificationReport {
  const transcript = decodeTranscript(file);
  checkExpected(transcript, options);
  const run = new CheckRun();
  let commitment: Commitment | undefined;
  let session: Session = newSession;
  let failure: VeilmarkError | undefined;
  let context: SessionContext | undefined;
  let queries: QueryState | undefined;
  try {
    run.begin('commitment.signature');
    const claim = parseCommitment(transcript.commitment);
    run.begin('commitment.audit');
    commitment = isOpened(transcript, options)
      ? options.opened
      : audited(withLabelSeed(claim, transcript.commitment));
    const { network } = options;
    context = {
      ...options,
      commitment,
      network: (digest) => (network && bytesToHex(network.digest) === digest ? network : undefined),
    };
    for (const message of transcript.messages) {
      run.begin('session.order');
      if (!isLive(session)) throw afterTheEnd();
      session = advance(session, message, context, (name) => {
        run.begin(name);
      });
    }
    const decided = session.phase === 'aborted' ? session.before : session;
    if (options.queries && 'verdict' in decided) {
      queries = checkQueries(options.queries, decided, commitment, (name) => {
        run.begin(name);
      });
    }
    run.begin('abort.refused');
    checkRefused(session, transcript.refused, context);
    run.end();
  } catch (error) {
    if (!(error instanceof VeilmarkError) || error.code === 'session.network') throw error;
    failure = error;
    run.fail(error);
  }
  if (!failure) checkParties(commitment, session, options);
  const { refused } = transcript;
  const refusal =
    refused && context && session.phase === 'aborted'
      ? assess(session, refused, context)
      : undefined;
  return {
    checks: run.results(modeOf(session)),
    outcome:
      failure || !context
        ? { verdict: 'invalid', cause: failure?.code ?? '', fault: 'nobody' }
        : byReader(outcomeOf(session, context, refused), session, context, options),
    ...(commitment && { commitment }),
    session,
    ...(refusal && { refusal }),
    ...(queries && { queries }),
    notChecked: notChecked(session, { parameters: commitment?.parameters, queries }),
  };
}

/**
 * What the session's decision is worth to this reader: where his own policy would ask for more matches, more decoys or a
 * better answer to them, or where a lost claim wins under it, the question is open.
 */
function byReader(
  outcome: Outcome,
  session: Session,
  { commitment }: SessionContext,
  { policy = defaultPolicy }: VerifyOptions,
): Outcome {
  const { parameters } = commitment;
  const reached = session.phase === 'aborted' ? session.before : session;
  if (outcome.whiteBox && 'conclusion' in reached) {
    if (!holdsWhiteBox(reached.judgeHello, outcome, { parameters, policy })) {
      return { ...outcome, verdict: 'inconclusive', cause: 'policy.weak' };
    }
    const isStrict = outcome.whiteBox.threshold > (threshold(parameters, policy) ?? Infinity);
    return isStrict && outcome.verdict === 'not-proved' ? tooStrict(outcome) : outcome;
  }
  if (!outcome.decision || !('verdict' in reached)) return outcome;
  const { answers, controls, decoys, nulls } = reached.verdict;
  const { labels, judgeHello } = reached;
  const asked = decoys.ordinary + decoys.abstract;
  const input: DecisionInput = {
    parameters,
    policy,
    labelMap: judgeHello.labelMap,
    labels,
    answers,
    auditedLabels: auditedLabels(commitment),
    decoys,
    controls,
    nulls,
  };
  const suffices =
    hasProofs(judgeHello.policy, policy) &&
    asked >= policy.decoysPerTrigger * labels.length &&
    repeated(controls) >= Math.min(policy.repeats, asked) &&
    holdsUnder(input, outcome);
  if (outcome.verdict === 'inconclusive') return outcome;
  if (!suffices) return { ...outcome, verdict: 'inconclusive', cause: 'policy.weak' };
  const isStrict = outcome.verdict === 'not-proved' && decide(input).verdict === 'proved';
  return isStrict ? tooStrict(outcome) : outcome;
}

/** A claim that would have won under the reader's policy is not lost to him, nor won: another policy was agreed on. */
function tooStrict(outcome: Outcome): Outcome {
  return { ...outcome, verdict: 'inconclusive', cause: 'policy.strict' };
}

/** How many decoys were asked twice. */
function repeated({ repeats: { within, across, refused } }: Controls): number {
  return within.of + across.of + refused;
}

/** Whether a white box verdict was reached with keys, fidelity and threshold that are enough for a reader. */
function holdsWhiteBox(
  { policy: asked, whiteBox }: JudgeHello,
  { verdict, whiteBox: decision }: Outcome,
  { parameters, policy }: { parameters: Commitment['parameters']; policy: Policy },
): boolean {
  const arePinned = whiteBoxCircuits.every((circuit) => {
    const [wanted, used] = [policy.whiteBoxKeys[circuit], asked.whiteBoxKeys[circuit]];
    return wanted === '' || used === '' || wanted === used;
  });
  const { agreed, asked: images } = whiteBox?.fidelity ?? { agreed: 0, asked: 1 };
  const isFaithful = agreed * 1_000_000 >= policy.minimumFidelityPpm * images;
  const needed = threshold(parameters, policy);
  const isEnough =
    verdict !== 'proved' || (needed !== undefined && needed <= (decision?.threshold ?? 0));
  return arePinned && isFaithful && isEnough;
}

/** Whether a session asked for as many proofs of hidden pairs as a reader does, under the key that the reader pins. */
function hasProofs(asked: Policy, wanted: Policy): boolean {
  if (wanted.hiddenProofs === 'none') return true;
  if (asked.hiddenProofs === 'none' || asked.openingKey !== wanted.openingKey) return false;
  if (asked.hiddenProofs === 'all') return true;
  return wanted.hiddenProofs !== 'all' && asked.hiddenProofs >= wanted.hiddenProofs;
}

function holdsUnder(input: DecisionInput, { verdict }: Outcome): boolean {
  const choices = labelMapCharge(input.labelMap, classCount(input.parameters));
  if (threshold(input.parameters, input.policy, choices) === undefined) return false;
  const again = decide(input).verdict;
  return verdict === 'proved' ? again === 'proved' : again !== 'inconclusive';
}

function isOpened(
  { commitment }: Transcript,
  options: VerifyOptions,
): options is VerifyOptions & { opened: Commitment } {
  return options.opened !== undefined && equalBytes(options.opened.bytes, commitment);
}

function audited(commitment: Commitment): Commitment {
  checkAudit(commitment);
  return commitment;
}

/** Collects the result of every named check. */
class CheckRun {
  readonly #passed = new Set<CheckName>();
  #current: CheckName | undefined;
  #failed: { readonly name: CheckName; readonly error: VeilmarkError } | undefined;

  begin(name: CheckName): void {
    this.end();
    this.#current = name;
  }

  end(): void {
    if (this.#current) this.#passed.add(this.#current);
    this.#current = undefined;
  }

  fail(error: VeilmarkError): void {
    if (this.#current) this.#failed = { name: this.#current, error };
  }

  results(mode: JudgeHello['mode']): CheckResult[] {
    return checksOf(mode).map((name) => {
      const description = checkNames[name];
      if (this.#failed?.name === name) {
        const { code, message } = this.#failed.error;
        return { name, description, status: 'failed', code, detail: message };
      }
      if (this.#passed.has(name)) return { name, description, status: 'passed' };
      const detail = this.#failed
        ? 'an earlier check failed'
        : name.startsWith('queries.')
          ? 'no query log was given'
          : 'the session did not come so far';
      return { name, description, status: 'not-run', detail };
    });
  }
}

function modeOf(session: Session): JudgeHello['mode'] {
  const reached = session.phase === 'aborted' ? session.before : session;
  return 'judgeHello' in reached ? reached.judgeHello.mode : 'black-box';
}

function checkExpected({ commitment }: Transcript, { expected = {} }: VerifyOptions): void {
  if (expected.commitment && !equalBytes(expected.commitment, commitment)) {
    throw unexpected(
      `the transcript is about commitment ${bytesToHex(commitmentDigest(commitment))}, not ${bytesToHex(commitmentDigest(expected.commitment))}`,
    );
  }
}

function checkParties(
  commitment: Commitment | undefined,
  session: Session,
  { expected = {} }: VerifyOptions,
): void {
  if (commitment && expected.owner && !equalBytes(expected.owner, commitment.owner)) {
    throw unexpected('the transcript is about a commitment of another owner');
  }
  const reached = session.phase === 'aborted' ? session.before : session;
  const judge = 'judgeHello' in reached ? reached.judgeHello.judge : '';
  if (expected.judge && bytesToHex(expected.judge) !== judge) {
    throw unexpected(`the judge of the transcript is ${judge || 'unknown'}, another than expected`);
  }
}

function unexpected(message: string): EvidenceError {
  return new EvidenceError({ code: 'verify.expected', message });
}

function afterTheEnd(): EvidenceError {
  return new EvidenceError({
    code: 'session.order',
    message: 'messages follow after the end of the session',
  });
}
