import type { Parameters } from '../commitment/index.js';
import { commonestLabel, log2 } from '../protocol/index.js';

/** How one-sided some committed labels are, and how likely that is where nobody chose them. */
export function commonest(parameters: Parameters, labels: readonly number[]): string {
  const { label, count, chance } = commonestLabel(parameters, labels);
  const rarity = `, by derivation with chance at most 2^${log2(chance).toFixed(1)}`;
  return `label ${label}, ${count} of ${labels.length} triggers${parameters.labelMode === 'derived' ? rarity : ''}`;
}
