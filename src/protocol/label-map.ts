/**
 * Whether each of the suspect's classes stands for the committed class of the same number, or for none: what anyone
 * would write down without having seen a trigger.
 */
export function isPlainMap(labelMap: readonly number[]): boolean {
  return labelMap.every((label, answer) => label === answer || label === -1);
}

/**
 * Among how many label maps a party who knew the labels could have chosen the best one: the factor that the decision
 * charges for the map (a union bound). A plain map is no choice. A one-to-one map of all K committed classes is one of
 * S!/(S − K)!, any other one of (K + 1)^S, for a suspect of S classes.
 */
export function labelMapChoices(labelMap: readonly number[], classes: number): bigint {
  if (isPlainMap(labelMap)) return 1n;
  const used = labelMap.filter((label) => label >= 0);
  const suspectClasses = labelMap.length;
  if (used.length === classes && new Set(used).size === classes) {
    let choices = 1n;
    for (let i = 0; i < classes; i++) choices *= BigInt(suspectClasses - i);
    return choices;
  }
  return BigInt(classes + 1) ** BigInt(suspectClasses);
}
