import { publicInputs } from '../../src/proof/circuits/index.js';
import { tagElement } from '../twin/poseidon.js';

/** What a test compiles: a template with small parameters, or one of the five circuits' tiny instances. */
export interface Subject {
  /** Below `circuits/`. */
  readonly file: string;
  readonly template: string;
  readonly parameters: readonly (number | bigint)[];
  readonly inputs: readonly string[];
  readonly publics: readonly string[];
  /** The exact number of constraints. */
  readonly constraints: number;
}

export const testTag = 'veilmark/test/1';
const tag = tagElement(testTag);
const pair = ['triggerCommitment', 'labelCommitment', 'index', 'seed', 'classes', 'naturalGiven'];

function template(
  file: string,
  parameters: readonly (number | bigint)[],
  inputs: readonly string[],
  constraints: number,
  publics: readonly string[] = inputs,
): Subject {
  const name = file.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
  const known = { LowBits: 'LowBits128' } as Readonly<Record<string, string>>;
  const path = `templates/${file}.circom`;
  return { file: path, template: known[name] ?? name, parameters, inputs, publics, constraints };
}

const publicsOf: Readonly<Record<string, readonly string[]>> = publicInputs;

function whole(
  circuit: string,
  parameters: readonly number[],
  privates: readonly string[],
  constraints: number,
): Subject {
  const name = circuit.replace(/^./, (letter) => letter.toUpperCase());
  const publics = publicsOf[circuit]!;
  const inputs = [...publics, ...privates];
  return { file: `${circuit}.circom`, template: name, parameters, inputs, publics, constraints };
}

/** The tiny instances have the parameters of `circuits/circuits.json`; a test compares them. */
export const subjects = {
  bits: template('bits', [4], ['in'], 5),
  lowBits: template('low-bits', [], ['in'], 380),
  isZero: template('is-zero', [], ['in'], 2),
  oneHot: template('one-hot', [3], ['index'], 5),
  largestLogit: template('largest-logit', [3, 4], ['match', 'label', 'logits'], 21),
  neuron: template('neuron', [3, 2], ['q', 'rem'], 9),
  saltedValue: template('salted-value', [tag], ['value', 'salt'], 258),
  saltedDigest: template('salted-digest', [tag, 3], ['values', 'salt'], 573),
  hashMany: template('hash-many', [tag, 16], ['in'], 1173),
  imageDigest: template('image-digest', [2, 2, 1], ['pixels'], 596),
  derivedLabel: template(
    'derived-label',
    [2],
    ['seed', 'index', 'r', 'classes', 'naturalGiven', 'natural'],
    819,
    ['seed', 'index', 'classes', 'naturalGiven'],
  ),
  triggerOpening: template(
    'trigger-opening',
    [2, 2, 1, 2],
    [...pair, 'pixels', 'natural', 'r'],
    1967,
    pair,
  ),
  twoLimbs: whole('neurons', [3, 60, 60], ['q', 'rem', 'digestSalt', 'sumSalt'], 1200),
  'opening-tiny': whole('opening', [2, 2, 1, 2], ['pixels', 'natural', 'r'], 1968),
  'neurons-tiny': whole('neurons', [3, 3, 2], ['q', 'rem', 'digestSalt', 'sumSalt'], 852),
  'classification-tiny': whole(
    'classification',
    [2, 2, 1, 2, 2, 8],
    ['pixels', 'natural', 'r', 'match', 'logits', 'logitsSalt', 'sums', 'sumSalts', 'matchSalt'],
    3371,
  ),
  'fold-tiny': whole('fold', [2], ['sums', 'salts', 'totalSalt'], 774),
  'threshold-tiny': whole('threshold', [3, 2], ['matches', 'salts'], 779),
} as const satisfies Record<string, Subject>;

export type SubjectName = keyof typeof subjects;
