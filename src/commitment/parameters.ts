import { formatShape, InputError, maxSide, printable, type Shape, sizeOf } from '../base/index.js';

/** The version of everything that this page of the specification fixes. */
export const suite = 'veilmark/1';

/**
 * `derived`: labels follow from commitments, so that nobody chooses them. `chosen`: the owner picks them, as in Adi et
 * al. 2018.
 */
export type LabelMode = 'derived' | 'chosen';

/** The public parameters of a commitment. */
export interface Parameters {
  readonly labelMode: LabelMode;
  /** `none`: no image has a natural class (abstract pictures); `given`: each opening states one, or K for none. */
  readonly natural: 'none' | 'given';
  readonly shape: Shape;
  /** Class names in the order of the labels; K of them. */
  readonly classNames: readonly string[];
  /** Numbers of pairs: hidden is a multiple of batchSize. */
  readonly hidden: number;
  readonly audited: number;
  readonly batchSize: number;
  /** `test` stamps a commitment made from a short seed: worthless as evidence. */
  readonly origin: 'system' | 'test';
}

export const defaultCounts = { hidden: 120, audited: 24, batchSize: 40 } as const;

const isPrintable = new RegExp(printable);
const maxPairs = 20_000;
const maxBytes = 2 ** 30;

/** Number of classes K. */
export function classCount({ classNames }: Parameters): number {
  return classNames.length;
}

/** Number of trigger pairs, hidden and audited. */
export function pairCount({ hidden, audited }: Parameters): number {
  return hidden + audited;
}

/** Number of batches, each good for one black box session. */
export function batchCount({ hidden, batchSize }: Parameters): number {
  return hidden / batchSize;
}

/** Refuses parameters that mean nothing. Throws `InputError` `commitment.parameters`, naming each bad one. */
export function checkParameters(parameters: Parameters): void {
  const { natural, shape, classNames, hidden, audited, batchSize } = parameters;
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const whole = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
  expect(
    [shape.height, shape.width].every((side) => whole(side) && side <= maxSide) &&
      (shape.channels === 1 || shape.channels === 3),
    `shape ${formatShape(shape)}: sides are 1 to ${maxSide}, channels 1 or 3`,
  );
  expect(
    classNames.length >= (natural === 'given' ? 3 : 2),
    `${classNames.length} classes: at least 2 are needed, and 3 when images have natural classes`,
  );
  expect(classNames.length <= 100_000, 'more than 100,000 classes');
  expect(new Set(classNames).size === classNames.length, 'two classes have the same name');
  expect(
    classNames.every((name) => name.length >= 1 && name.length <= 200 && isPrintable.test(name)),
    'a class name is empty, longer than 200 characters, or holds control characters',
  );
  expect(whole(batchSize), `batch size ${batchSize}: at least 1`);
  expect(
    whole(hidden) && hidden % batchSize === 0,
    `${hidden} hidden pairs: a positive multiple of the batch size ${batchSize}`,
  );
  expect(whole(audited), `${audited} audited pairs: at least 1`);
  expect(hidden + audited <= maxPairs, `more than ${maxPairs} pairs`);
  expect((hidden + audited) * sizeOf(shape) <= maxBytes, 'more than 1 GiB of images');
  if (problems.length > 0) {
    throw new InputError({
      code: 'commitment.parameters',
      message: problems.join('; '),
      hint: `${defaultCounts.hidden} hidden and ${defaultCounts.audited} audited pairs in batches of ${defaultCounts.batchSize} suit ten classes`,
    });
  }
}
