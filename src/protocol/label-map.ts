/**
 * Whether each of the suspect's classes stands for the committed class of the same number, or for none: what anyone
 * would write down without having seen a trigger.
 */
export function isPlainMap(labelMap: readonly number[]): boolean {
  return labelMap.every((label, answer) => label === answer || label === -1);
}

/** The charge of a plain map: one bit, for the party who would have written another one had it fitted better. */
export const plainMapCharge = 2n;

/**
 * The factor by which the decision charges for the label map, as a party who knew the labels could have chosen the best one: the
 * charges of all maps between suspect and commitment are such that their inverses add up to 1 at most (a weighted union
 * bound). Of all plain maps one matches wherever another does; it takes a half. The P = S!/(S − K)! maps that are one-to-one on
 * all K committed classes, one of them plain, share the other half but for 1/(2P), which is left to the (K + 1)^S maps of any kind,
 * for a suspect of S classes. Where S < K there is no map one-to-one on all classes, and P is 1.
 */
export function labelMapCharge(labelMap: readonly number[], classes: number): bigint {
  if (isPlainMap(labelMap)) return plainMapCharge;
  const suspectClasses = labelMap.length;
  const oneToOne = 2n * injections(classes, suspectClasses);
  const used = labelMap.filter((label) => label >= 0);
  if (used.length === classes && new Set(used).size === classes) return oneToOne;
  return oneToOne * BigInt(classes + 1) ** BigInt(suspectClasses);
}

/** P, the number of ways to give each of K classes another one of S; 1 where S is too small. */
function injections(classes: number, suspectClasses: number): bigint {
  return suspectClasses < classes ? 1n : product(suspectClasses - classes + 1, suspectClasses);
}

/** from · (from + 1) ··· to, by halves: a hello may name a hundred thousand classes. */
function product(from: number, to: number): bigint {
  if (to - from < 8) {
    let value = BigInt(from);
    for (let factor = from + 1; factor <= to; factor++) value *= BigInt(factor);
    return value;
  }
  const middle = (from + to) >> 1;
  return product(from, middle) * product(middle + 1, to);
}
