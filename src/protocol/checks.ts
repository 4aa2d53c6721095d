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
  'hello.key':
    'the key for proofs of hidden pairs is the one that the policy pins, for these images and classes',
  'hello.spent':
    'batches declared spent carry an earlier judge’s receipt, and include those the reader knows of',
  'challenge.coins': 'the judge’s coins are those it committed to',
  'challenge.batch': 'both parties’ coins pick this batch among the unspent ones',
  'challenge.receipt': 'the judge signed for spending the batch',
  'openings.indices': 'exactly the pairs of the batch are opened, in order',
  'openings.triggers': 'every image opens its commitment',
  'openings.labels':
    'every label opens its commitment and, unless labels were chosen, is the derived one',
  'openings.proofs':
    'as many pairs as the policy asks, of those that stay hidden, are proven well-formed',
  'verdict.answers': 'every trigger has an answer within the suspect’s classes',
  'verdict.decoys': 'the triggers were mixed with as many decoys as the policy asks',
  'verdict.arithmetic': 'matches, chance and verdict follow from the answers and the policy',
  acknowledgement: 'the owner countersigned the verdict',
  'abort.refused': 'a message shown before an abort is the one that it refuses, or passes over',
} as const;

export type CheckName = keyof typeof checkNames;

/** Told the name of each check just before it runs. */
export type Observer = (name: CheckName) => void;
