import { Type, type Static } from 'typebox';

import { printable } from '../base/index.js';
import { OpeningJson, suite } from '../commitment/index.js';
import { Controls } from './controls-payload.js';
import { Policy } from './policy.js';
import { AnswerJson, SuspectDescriptor } from './suspect.js';
import { WhiteBoxHello } from './white-box-payloads.js';

/** The payload of every message, as JSON Schema. Canonical JSON on the wire. */
const strict = { additionalProperties: false } as const;
const Hex = (bytes: number) => Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$` });
/** UTC by the sender's own clock; nobody else vouches for it. */
const Time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' });
const Code = Type.String({ pattern: '^[a-z][a-z0-9.-]{0,79}$' });
const Count = Type.Integer({ minimum: 0, maximum: 100_000_000 });
const Party = Type.Union([Type.Literal('judge'), Type.Literal('owner'), Type.Literal('nobody')]);

export const JudgeHello = Type.Object(
  {
    /** Commitment to the judge's coins. */
    coins: Hex(32),
    /** Digest of the commitment file. */
    commitment: Hex(32),
    judge: Hex(32),
    /** For each class of the suspect the committed label it stands for, or −1 for none. */
    labelMap: Type.Array(Type.Integer({ minimum: -1, maximum: 100_000 }), { maxItems: 100_000 }),
    mode: Type.Union([Type.Literal('black-box'), Type.Literal('white-box')]),
    nonce: Hex(32),
    /** The verification key file that the policy pins, base64; empty where no proofs are asked. */
    openingKey: Type.String({ maxLength: 8192 }),
    policy: Policy,
    started: Time,
    suspect: SuspectDescriptor,
    version: Type.Literal(suite),
    /** In white box mode, and only there. */
    whiteBox: Type.Optional(WhiteBoxHello),
  },
  strict,
);
export type JudgeHello = Static<typeof JudgeHello>;

/** An earlier judge's word that a batch was opened to it: the signature in that session's challenge. */
export const SpentBatch = Type.Object(
  { batch: Count, judge: Hex(32), receipt: Hex(64), session: Hex(32) },
  strict,
);
export type SpentBatch = Static<typeof SpentBatch>;

export const OwnerHello = Type.Object(
  {
    coins: Hex(32),
    nonce: Hex(32),
    owner: Hex(32),
    /** Batches opened before, ascending. */
    spent: Type.Array(SpentBatch, { maxItems: 20_000 }),
  },
  strict,
);
export type OwnerHello = Static<typeof OwnerHello>;

export const Challenge = Type.Object(
  {
    batch: Count,
    /** Opens the commitment of the judge's hello. */
    coins: Hex(32),
    /** Signed word that this session spends the batch, which the owner shows to later judges; empty in white box mode. */
    receipt: Type.Union([Type.Literal(''), Hex(64)]),
  },
  strict,
);
export type Challenge = Static<typeof Challenge>;

/** A Groth16 proof that a pair that stays hidden is well-formed. */
export const HiddenProof = Type.Object({ index: Count, proof: Hex(256) }, strict);
export type HiddenProof = Static<typeof HiddenProof>;

export const Openings = Type.Object(
  {
    /** Of the pairs that coins and policy pick, ascending. */
    hidden: Type.Array(HiddenProof, { maxItems: 20_000 }),
    openings: Type.Array(OpeningJson),
  },
  strict,
);
export type Openings = Static<typeof Openings>;

/** What the suspect did with ordinary and abstract images that are no triggers. */
export const DecoyReport = Type.Object(
  {
    abstract: Count,
    ordinary: Count,
    /** Ordinary decoys whose class the judge knew, and how many of them were answered so. */
    ordinaryCorrect: Count,
    ordinaryLabelled: Count,
    refused: Count,
  },
  strict,
);
export type DecoyReport = Static<typeof DecoyReport>;

export const verdictNames = ['proved', 'not-proved', 'inconclusive', 'invalid'] as const;
export type VerdictName = (typeof verdictNames)[number];

export const DecisionJson = Type.Object(
  {
    /** Code of what kept the verdict from being reached, or empty. */
    cause: Type.Union([Type.Literal(''), Code]),
    challenged: Count,
    /** Matches if no refusal is one. */
    matched: Count,
    /** Matches if all refusals are. */
    matchedAtMost: Count,
    /** The paper's own rule: at most ε·n mismatches. */
    paperRule: Type.Boolean(),
    /** Exact chance of at least `matched` matches, before allowances: numerator and denominator in decimal. */
    pValue: Type.Array(Type.String({ pattern: '^(0|[1-9][0-9]*)$', maxLength: 200_000 }), {
      minItems: 2,
      maxItems: 2,
    }),
    refused: Count,
    /** T, the matches needed. */
    threshold: Count,
    verdict: Type.Union([
      Type.Literal('proved'),
      Type.Literal('not-proved'),
      Type.Literal('inconclusive'),
    ]),
  },
  strict,
);
export type DecisionJson = Static<typeof DecisionJson>;

export const Verdict = Type.Object(
  {
    /** The suspect's answer to each trigger of the batch, in the order of the openings, before the label map. */
    answers: Type.Array(AnswerJson),
    controls: Controls,
    decision: DecisionJson,
    decoys: DecoyReport,
    finished: Time,
    /** Digest of the query log (`QueryState.head`), or empty where the judge kept none. */
    queries: Type.Union([Type.Literal(''), Hex(32)]),
  },
  strict,
);
export type Verdict = Static<typeof Verdict>;

export const Acknowledgement = Type.Object(
  {
    /** The owner's own arithmetic gives the same decision; never a waiver of rights. An owner who disagrees aborts. */
    agrees: Type.Literal(true),
  },
  strict,
);
export type Acknowledgement = Static<typeof Acknowledgement>;

export const Abort = Type.Object(
  {
    code: Code,
    /** Whose fault the sender says it is. */
    fault: Party,
    message: Type.String({ maxLength: 1000, pattern: printable }),
    /** Digest of the message that the sender refused (`refusedDigest`), or empty. */
    refused: Type.Union([Type.Literal(''), Hex(32)]),
  },
  strict,
);
export type Abort = Static<typeof Abort>;
