/**
 * The constant list of what is checked of a session, in order, by both sides while it runs and by anyone who reads the
 * transcript later. Each name is stable and is what a report prints.
 */
export const checkNames = {
  'commitment.signature': 'the commitment file is well-formed and signed by its owner',
  'commitment.audit': 'the audited pairs are those the label seed picks, and open as committed',
  'session.order': 'every message stands in its place, from its party, within its size',
  'session.format': 'every payload is canonical and of its schema',
  'session.signatures': 'every message is signed and chained to all before it',
  'hello.commitment': 'the session is about this commitment',
  'hello.origin': 'the commitment was made from system randomness, not from a test seed',
  'hello.suspect': 'the suspect’s images and classes fit the commitment',
  'hello.policy': 'the policy could be won with these parameters',
  'hello.mode': 'the labels are derived, so that nobody chose them',
  'hello.network': 'the integer network is of the model that the judge names',
  'hello.fidelity':
    'the network agrees with the float model as often as the policy asks, by the judge’s count',
  'hello.key':
    'the keys for proofs are those that the policy pins, of the circuits that this session needs',
  'hello.spent':
    'batches declared spent carry an earlier judge’s receipt, and include those the reader knows of',
  'challenge.coins': 'the judge’s coins are those it committed to',
  'challenge.batch': 'both parties’ coins pick this batch among the unspent ones',
  'challenge.receipt': 'the judge signed for spending the batch; in white box mode none is spent',
  'openings.indices': 'exactly the pairs of the batch are opened, in order',
  'openings.triggers': 'every image opens its commitment',
  'openings.labels':
    'every label opens its commitment and, unless labels were chosen, is the derived one',
  'openings.proofs':
    'as many pairs as the policy asks, of those that stay hidden, are proven well-formed',
  'digests.layout': 'every neuron and logit of every trigger of the batch is committed',
  'digests.repeated': 'no digest comes twice',
  'proofs.layout': 'there is a proof for every block and every trigger of the batch',
  'proofs.zero': 'the commitment to 0 of unused places stands in no used one',
  'proofs.neurons': 'all neurons are in range, and their sums at the random point are as committed',
  'proofs.folds': 'partial sums are added up rightly',
  'proofs.classification':
    'every trigger opens its commitment; where its match bit is 1 the network gives it its label',
  'proofs.threshold': 'at least as many match bits as the policy asks are 1',
  'verdict.answers': 'every trigger has an answer within the suspect’s classes',
  'verdict.decoys': 'the triggers were mixed with as many decoys as the policy asks',
  'verdict.controls':
    'as many decoys were asked twice as the policy asks, and the counts of the controls fit together',
  'verdict.arithmetic':
    'chance and verdict follow from the policy and from what was answered or proven',
  'queries.chain': 'the query log is the one that the verdict names, line by line',
  'queries.questions':
    'the log asks the opened images, the audited pairs and the decoys, in an order drawn from its seed',
  'queries.answers': 'the answers in the log give the counts of the verdict',
  acknowledgement: 'the owner countersigned the verdict',
  'abort.refused': 'a message shown before an abort is the one that it refuses, or passes over',
} as const;

export type CheckName = keyof typeof checkNames;

const onlyBlackBox = /^(openings\..*|verdict\.(answers|decoys|controls)|queries\..*)$/;
const onlyWhiteBox = /^(hello\.(mode|network|fidelity)|(digests|proofs)\..*)$/;

/** The checks of a session of this mode, in order. */
export function checksOf(mode: 'black-box' | 'white-box'): CheckName[] {
  const others = mode === 'black-box' ? onlyWhiteBox : onlyBlackBox;
  return (Object.keys(checkNames) as CheckName[]).filter((name) => !others.test(name));
}

/** Told the name of each check just before it runs. */
export type Observer = (name: CheckName) => void;
