import {
  bytesToHex,
  canonicalJson,
  equalBytes,
  EvidenceError,
  formatShape,
  hexBytes,
} from '../base/index.js';
import {
  batchCount,
  checkTriggerOpening,
  classCount,
  type Commitment,
  type Opening,
  openingFromJson,
  openLabel,
} from '../commitment/index.js';
import { signTagged, verifyTagged } from '../crypto/index.js';
import type { Observer } from './checks.js';
import { commitCoins, pickBatch } from './coins.js';
import { auditedLabels, checkControls } from './controls.js';
import { decide } from './decision.js';
import { checkHelloKey, checkHiddenProofs } from './hidden-proofs.js';
import { labelMapCharge } from './label-map.js';
import { checkNamedModels, checkNullResults } from './null-rules.js';
import type { Challenge, JudgeHello, Openings, OwnerHello, Verdict } from './payloads.js';
import { requireThreshold } from './policy.js';
import { checkWhiteBoxHello } from './white-box.js';
import {
  type Answered,
  type Challenged,
  type Opened,
  type SessionContext,
  unspentBatches,
} from './session-state.js';

/** The rules of each message, each check announced by its name before it runs. All throw `EvidenceError`. */
function demand(holds: boolean, code: string, message: string, hint?: string): asserts holds {
  if (!holds) throw new EvidenceError({ code, message, hint });
}

export function checkJudgeHello(
  hello: JudgeHello,
  context: SessionContext,
  observe: Observer,
): void {
  const { commitment, allowTestOrigin = false, allowDevKeys = false } = context;
  const { parameters, digest } = commitment;
  observe('hello.commitment');
  demand(
    hello.commitment === bytesToHex(digest),
    'hello.commitment',
    'the session is about another commitment file',
    'owner and judge must use the same commitment file',
  );
  observe('hello.origin');
  demand(
    parameters.origin === 'system' || allowTestOrigin,
    'hello.origin',
    'the commitment was made from a short test seed, which anyone can guess',
    'make a commitment without --seed',
  );
  observe('hello.suspect');
  const { suspect, labelMap } = hello;
  demand(
    suspect.shape === formatShape(parameters.shape),
    'hello.suspect',
    `the suspect takes images of ${suspect.shape}, the commitment holds ${formatShape(parameters.shape)}`,
  );
  demand(
    labelMap.length === suspect.classes &&
      labelMap.every((label) => label < classCount(parameters)),
    'hello.suspect',
    `the label map has ${labelMap.length} entries for the suspect’s ${suspect.classes} classes, or names a class that the commitment lacks`,
  );
  observe('hello.policy');
  requireThreshold(parameters, hello.policy, labelMapCharge(labelMap, classCount(parameters)));
  checkNamedModels(hello, parameters, observe);
  if (hello.mode === 'white-box') {
    checkWhiteBoxHello(hello, context, observe);
    return;
  }
  observe('hello.key');
  demand(hello.whiteBox === undefined, 'hello.mode', 'a black box session names a network');
  checkHelloKey(hello, parameters, allowDevKeys);
}

const receiptTag = 'veilmark/spent/1';

/** The judge's signed word that a session spends a batch. */
export function signReceipt(
  commitment: Commitment,
  session: { readonly id: Uint8Array; readonly batch: number },
  judgeSecretKey: Uint8Array,
): Uint8Array {
  const { id, batch } = session;
  return signTagged(receiptTag, [commitment.digest, id, batch], judgeSecretKey);
}

function receiptHolds(
  commitment: Commitment,
  spent: { batch: number; judge: string; receipt: string; session: string },
): boolean {
  return verifyTagged({
    tag: receiptTag,
    fields: [commitment.digest, hexBytes(spent.session, 32), spent.batch],
    signature: hexBytes(spent.receipt, 64),
    publicKey: hexBytes(spent.judge, 32),
  });
}

export function checkOwnerHello(
  hello: OwnerHello,
  { commitment, knownSpent = [] }: SessionContext,
  observe: Observer,
): void {
  observe('hello.spent');
  const { spent } = hello;
  demand(
    hello.owner === bytesToHex(commitment.owner),
    'hello.owner',
    'the owner of the session is not the owner of the commitment',
  );
  const batches = batchCount(commitment.parameters);
  demand(
    spent.every(({ batch }, i) => batch < batches && batch > (spent[i - 1]?.batch ?? -1)),
    'hello.spent',
    'the spent batches are not an ascending list of batches of the commitment',
  );
  const unproven = spent.find((entry) => !receiptHolds(commitment, entry));
  demand(
    unproven === undefined,
    'spent.receipt',
    `the owner declares batch ${unproven?.batch ?? ''} spent without a judge’s receipt for it`,
  );
  const hiddenFrom = knownSpent.find((known) => !spent.some(({ batch }) => batch === known));
  demand(
    hiddenFrom === undefined,
    'spent.undeclared',
    `the owner offers batch ${hiddenFrom ?? ''} again, which an earlier session has opened`,
  );
}

export function checkChallenge(
  session: Answered,
  challenge: Challenge,
  { commitment }: SessionContext,
  observe: Observer,
): void {
  const { judgeHello, ownerHello, id } = session;
  const judge = hexBytes(judgeHello.judge, 32);
  const coins = hexBytes(challenge.coins, 32);
  observe('challenge.coins');
  demand(
    equalBytes(
      commitCoins(judge, hexBytes(judgeHello.nonce, 32), coins),
      hexBytes(judgeHello.coins, 32),
    ),
    'challenge.coins',
    'the judge’s coins are not those that it committed to before it saw the owner’s',
  );
  observe('challenge.batch');
  const batch = pickBatch({
    head: id,
    judgeCoins: coins,
    ownerCoins: hexBytes(ownerHello.coins, 32),
    unspent: unspentBatches(commitment.parameters, ownerHello),
  });
  demand(
    batch === challenge.batch,
    'challenge.batch',
    `the coins pick batch ${batch}, not batch ${challenge.batch}`,
  );
  observe('challenge.receipt');
  const { receipt } = challenge;
  if (judgeHello.mode === 'white-box') {
    demand(receipt === '', 'challenge.receipt', 'a white box session spends no batch');
    return;
  }
  const entry = { batch, receipt, judge: judgeHello.judge, session: bytesToHex(id) };
  demand(
    receipt !== '' && receiptHolds(commitment, entry),
    'challenge.receipt',
    'the judge did not sign for spending the batch',
  );
}

/** Opens the batch: returns the openings with their committed labels. */
export function checkOpenings(
  session: Challenged,
  payload: Openings,
  { commitment }: SessionContext,
  observe: Observer,
): { openings: Opening[]; labels: number[] } {
  const batch = commitment.order.batches[session.challenge.batch] ?? [];
  observe('openings.indices');
  demand(
    payload.openings.length === batch.length &&
      payload.openings.every(({ index }, i) => index === batch[i]),
    'openings.indices',
    `the openings are not those of batch ${session.challenge.batch}`,
  );
  observe('openings.triggers');
  const openings = payload.openings.map((json) => openingFromJson(json, commitment.parameters));
  for (const opening of openings) checkTriggerOpening(commitment, opening);
  observe('openings.labels');
  const labels = openings.map((opening) => openLabel(commitment, opening));
  observe('openings.proofs');
  checkHiddenProofs(session, payload, commitment);
  return { openings, labels };
}

export function checkVerdict(
  session: Opened,
  verdict: Verdict,
  { commitment }: SessionContext,
  observe: Observer,
): void {
  const { labels, judgeHello } = session;
  const { policy, suspect, labelMap } = judgeHello;
  const { answers, controls, decoys, nulls } = verdict;
  observe('verdict.answers');
  demand(
    answers.length === labels.length &&
      answers.every((answer) => 'refused' in answer || answer.label < suspect.classes),
    'verdict.answers',
    'the verdict does not hold one answer of the suspect for each trigger',
  );
  observe('verdict.decoys');
  demand(
    decoys.ordinary + decoys.abstract >= policy.decoysPerTrigger * labels.length &&
      decoys.ordinaryCorrect <= decoys.ordinaryLabelled &&
      decoys.ordinaryLabelled <= decoys.ordinary &&
      decoys.refused <= decoys.ordinary + decoys.abstract,
    'verdict.decoys',
    'the triggers were mixed with fewer decoys than the policy asks, or the counts contradict each other',
  );
  observe('verdict.controls');
  checkControls(controls, {
    decoys,
    policy,
    classes: suspect.classes,
    pairs: commitment.audit.length,
  });
  checkNullResults(verdict, judgeHello, observe);
  observe('verdict.arithmetic');
  const { parameters } = commitment;
  const decision = decide({
    parameters,
    policy,
    labelMap,
    labels,
    answers,
    auditedLabels: auditedLabels(commitment),
    decoys,
    controls,
    nulls,
  });
  demand(
    canonicalJson(decision) === canonicalJson(verdict.decision),
    'verdict.arithmetic',
    `the answers give ${decision.verdict} with ${decision.matched} of ${decision.challenged} matches, the verdict says otherwise`,
  );
}
