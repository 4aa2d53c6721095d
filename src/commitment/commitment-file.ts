import { Type } from 'typebox';

import {
  bytesToHex,
  canonicalBytes,
  concatBytes,
  equalBytes,
  EvidenceError,
  hexBytes,
  InputError,
  parseCanonical,
  utf8ToBytes,
} from '../base/index.js';
import {
  checkPublicKey,
  fieldFromHex,
  fieldToHex,
  keyPairFrom,
  signTagged,
  taggedHash,
  verifyTagged,
} from '../crypto/index.js';
import { dealPairs, labelSeed, type Order } from './labels.js';
import {
  checkTriggerOpening,
  type Opening,
  openingFromJson,
  OpeningJson,
  openingToJson,
  openLabel,
} from './opening.js';
import { checkParameters, pairCount, type Parameters, suite } from './parameters.js';

/** What the owner signs and publishes (the paper's vk), before anything about it is believed. */
export interface CommitmentClaim {
  readonly parameters: Parameters;
  /** The owner's Ed25519 public key. */
  readonly owner: Uint8Array;
  /** cT and cL of all pairs, in order. */
  readonly triggers: readonly bigint[];
  readonly labels: readonly bigint[];
  /** Openings of the audited pairs. */
  readonly audit: readonly Opening[];
}

/** A commitment file whose every claim has been checked. */
export interface Commitment extends CommitmentClaim {
  readonly labelSeed: bigint;
  readonly order: Order;
  /** The exact file. */
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
}

/** Largest commitment file that is read, in bytes. */
export const maxCommitmentBytes = 2 ** 28;

const firstLine = 'veilmark/commitment/1\n';
const signatureTag = 'veilmark/commitment-signature/1';
const digestTag = 'veilmark/commitment-digest/1';

const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Body = Type.Object(
  {
    audit: Type.Array(OpeningJson),
    audited: Type.Integer(),
    batchSize: Type.Integer(),
    classes: Type.Array(Type.String()),
    hidden: Type.Integer(),
    labelCommitments: Type.Array(Hex32),
    labelMode: Type.Union([Type.Literal('derived'), Type.Literal('chosen')]),
    natural: Type.Union([Type.Literal('none'), Type.Literal('given')]),
    origin: Type.Union([Type.Literal('system'), Type.Literal('test')]),
    owner: Hex32,
    shape: Type.Array(Type.Integer(), { minItems: 3, maxItems: 3 }),
    suite: Type.Literal(suite),
    triggerCommitments: Type.Array(Hex32),
  },
  { additionalProperties: false },
);

/** The commitment file: a first line, a line of canonical JSON, and a line with the owner's signature over it. */
export function encodeCommitment(claim: CommitmentClaim, ownerSecretKey: Uint8Array): Uint8Array {
  const { parameters } = claim;
  if (!equalBytes(keyPairFrom(ownerSecretKey).publicKey, claim.owner)) {
    throw new InputError({ code: 'commitment.owner', message: 'the key is not the owner’s' });
  }
  const { height, width, channels } = parameters.shape;
  const body = canonicalBytes({
    audit: claim.audit.map(openingToJson),
    audited: parameters.audited,
    batchSize: parameters.batchSize,
    classes: parameters.classNames,
    hidden: parameters.hidden,
    labelCommitments: claim.labels.map(fieldToHex),
    labelMode: parameters.labelMode,
    natural: parameters.natural,
    origin: parameters.origin,
    owner: bytesToHex(claim.owner),
    shape: [height, width, channels],
    suite,
    triggerCommitments: claim.triggers.map(fieldToHex),
  });
  const signature = signTagged(signatureTag, [body], ownerSecretKey);
  return concatBytes(utf8ToBytes(firstLine), body, utf8ToBytes(`\n${bytesToHex(signature)}\n`));
}

/** The name by which messages and reports refer to a commitment file. 32 bytes. */
export function commitmentDigest(file: Uint8Array): Uint8Array {
  return taggedHash(digestTag, [file]);
}

/** Whether bytes start as a commitment file does. */
export function isCommitment(file: Uint8Array): boolean {
  return equalBytes(file.subarray(0, firstLine.length), utf8ToBytes(firstLine));
}

/**
 * Reads a commitment file and its owner's signature. Throws `InputError` `commitment.format` or
 * `commitment.parameters`, `EvidenceError` `commitment.signature`.
 */
export function parseCommitment(file: Uint8Array): CommitmentClaim {
  const start = firstLine.length;
  const end = file.length - 130;
  if (!isCommitment(file) || end <= start || file[end] !== 0x0a || file.at(-1) !== 0x0a) {
    throw new InputError({
      code: 'commitment.format',
      message: 'not a commitment file, or it is truncated',
      hint: `a commitment file starts with the line ${firstLine.trim()} and ends with a signature`,
    });
  }
  const signedBytes = file.subarray(start, end);
  const body = parseCanonical({
    bytes: signedBytes,
    schema: Body,
    what: 'commitment file',
    code: 'commitment.format',
  });
  const owner = hexBytes(body.owner, 32);
  checkPublicKey(owner);
  const signature = hexBytes(new TextDecoder().decode(file.subarray(end + 1, -1)), 64);
  if (!verifyTagged({ tag: signatureTag, fields: [signedBytes], signature, publicKey: owner })) {
    throw new EvidenceError({
      code: 'commitment.signature',
      message: 'the owner’s signature does not fit the commitment file: it was changed',
      hint: 'get the file again from the owner or from the place of registration',
    });
  }
  const [height = 0, width = 0, channels = 0] = body.shape;
  const parameters: Parameters = {
    labelMode: body.labelMode,
    natural: body.natural,
    shape: { height, width, channels },
    classNames: body.classes,
    hidden: body.hidden,
    audited: body.audited,
    batchSize: body.batchSize,
    origin: body.origin,
  };
  checkParameters(parameters);
  const pairs = pairCount(parameters);
  if (body.triggerCommitments.length !== pairs || body.labelCommitments.length !== pairs) {
    throw new InputError({
      code: 'commitment.format',
      message: `the file announces ${pairs} pairs and holds ${body.triggerCommitments.length} trigger and ${body.labelCommitments.length} label commitments`,
    });
  }
  return {
    parameters,
    owner,
    triggers: body.triggerCommitments.map(fieldFromHex),
    labels: body.labelCommitments.map(fieldFromHex),
    audit: body.audit.map((opening) => openingFromJson(opening, parameters)),
  };
}

const opened = new WeakSet<Commitment>();

/** Whether a commitment came from a file here, with its order dealt by its label seed; a copy or an edited one did not. */
export function isOpened(commitment: Commitment): boolean {
  return opened.has(commitment);
}

/** Computes the label seed (slow) and from it who is audited and how the batches are dealt. */
export function withLabelSeed(claim: CommitmentClaim, file: Uint8Array): Commitment {
  const seed = labelSeed(claim);
  const commitment = {
    ...claim,
    labelSeed: seed,
    order: dealPairs(claim.parameters, seed),
    bytes: file,
    digest: commitmentDigest(file),
  };
  opened.add(commitment);
  return commitment;
}

/**
 * Checks cut-and-choose: exactly the pairs that the label seed picks are opened, and each opens to the image and label
 * committed. Throws `EvidenceError` `commitment.audit`, or an `opening.*` code.
 */
export function checkAudit(commitment: Commitment): void {
  const { audit, order } = commitment;
  if (
    audit.length !== order.audited.length ||
    audit.some((opening, i) => opening.index !== order.audited[i])
  ) {
    throw new EvidenceError({
      code: 'commitment.audit',
      message: 'the audit opens other pairs than those that the label seed picks',
    });
  }
  for (const opening of audit) {
    checkTriggerOpening(commitment, opening);
    openLabel(commitment, opening);
  }
}

/** Reads a commitment file and checks everything in it. Throws as the functions above do. */
export function openCommitment(file: Uint8Array): Commitment {
  const commitment = withLabelSeed(parseCommitment(file), file);
  checkAudit(commitment);
  return commitment;
}
