import { opening, type TwinCommitment } from '../commitment.js';
import { hex, p } from '../poseidon.js';
import { type Change, editor } from './commitment-editor.js';

/** Files that are well signed and announce parameters that mean nothing. */
export function parameterChanges(claim: TwinCommitment): Change[] {
  const { set } = editor(claim);
  const parameters: Record<string, object> = {
    'a side of 0': { shape: [0, 2, 1] },
    'a side of 1025': { shape: [1025, 2, 1] },
    'two channels': { shape: [2, 2, 2] },
    'a negative side': { shape: [-2, -2, 1] },
    'no class': { classes: [] },
    'one class': { classes: ['cat'] },
    'two classes where images have natural ones': { classes: ['cat', 'dog'], natural: 'given' },
    'a class name twice': { classes: ['cat', 'dog', 'cat', 'bird'] },
    'an empty class name': { classes: ['cat', '', 'dog', 'bird'] },
    'a class name of 201 letters': { classes: ['cat', 'x'.repeat(201), 'dog', 'bird'] },
    'a line feed in a class name': { classes: ['cat', 'a\nb', 'dog', 'bird'] },
    'a class name that turns the direction of writing': {
      classes: ['cat', '\u202eb', 'dog', 'bird'],
    },
    'batches of 0': { batchSize: 0 },
    'batches of −2': { batchSize: -2 },
    'hidden pairs that fill no whole number of batches': { batchSize: 3 },
    'no hidden pair': { hidden: 0 },
    'no audited pair': { audited: 0 },
    'more than 20,000 pairs': { hidden: 20_000 },
    'more than 1 GiB of images': { shape: [1024, 1024, 3], hidden: 400 },
  };
  return Object.entries(parameters).map(([name, change]) => [
    name,
    'commitment.parameters',
    set(change),
  ]);
}

/** Files that are well signed and well-formed and whose audit does not hold. */
export function auditChanges(claim: TwinCommitment, chosen: TwinCommitment): Change[] {
  const { mark, audited, batches, labels } = claim;
  const { set, list, audit, first } = editor(claim);
  const index = audited[0]!;
  const hidden = opening(mark, batches[0]![0]!);
  const other = mark.images[hidden.index]!;
  const replace = (key: string, at: number) =>
    list(key, (all) => all.map((value, i) => (i === at ? hex(7n) : value)));
  return [
    ['an audited pair missing', 'commitment.audit', audit((all) => all.slice(1))],
    ['a hidden pair opened besides', 'commitment.audit', audit((all) => [...all, hidden])],
    ['a hidden pair opened instead', 'commitment.audit', audit(([, ...rest]) => [hidden, ...rest])],
    ['audited pairs in another order', 'commitment.audit', audit((all) => all.reverse())],
    ['a pair opened twice', 'commitment.audit', audit(([one]) => [one!, one!])],
    [
      'another class name, hence another seed',
      'commitment.audit',
      set({ classes: ['cat', 'dog', 'Strasse', '鳥'] }),
    ],
    [
      'another hidden image, hence another seed',
      'commitment.audit',
      replace('triggerCommitments', hidden.index),
    ],
    ['another image', 'opening.trigger', first({ image: Buffer.from(other).toString('base64') })],
    ['an image of one byte less', 'image.size', first({ image: 'AAAA' })],
    ['an image in other base64', 'encoding.base64', first({ image: 'AAAAAB==' })],
    ['another r', 'opening.trigger', first({ r: hex(7n) })],
    ['r = p', 'encoding.field', first({ r: hex(p) })],
    ['a natural class where there are none', 'opening.natural', first({ natural: 0 })],
    ['a natural class beyond K', 'opening.natural', first({ natural: 5 })],
    [
      'a label where labels are derived',
      'opening.mode',
      first({ label: labels[index]!, s: hex(1n) }),
    ],
    ['a label commitment of an audited pair', 'opening.label', replace('labelCommitments', index)],
    ...chosenChanges(chosen),
  ];
}

function chosenChanges(claim: TwinCommitment): Change[] {
  const { first } = editor(claim);
  const { natural, labels } = claim.mark;
  const index = claim.audited[0]!;
  const label = labels![index]!;
  const cases: Record<string, [code: string, change: object]> = {
    'chosen: no label': ['opening.mode', { label: undefined, s: undefined }],
    'chosen: a label without s': ['opening.mode', { s: undefined }],
    'chosen: another label': ['opening.label', { label: (label + 2) % 4 }],
    'chosen: another s': ['opening.label', { s: hex(7n) }],
    'chosen: a label beyond K': ['opening.label', { label: 5 }],
    'chosen: the natural class as label': ['opening.natural', { label: natural[index]! }],
    'chosen: another natural class': ['opening.trigger', { natural: (natural[index]! + 1) % 4 }],
  };
  return Object.entries(cases).map(([name, [code, change]]) => [name, code, first(change)]);
}
