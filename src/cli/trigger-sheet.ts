import { type Commitment, type Opening, openLabel } from '../commitment/index.js';
import { contactSheet } from '../triggers/index.js';

/**
 * A contact sheet (PNG) of opened triggers, each with its index, its group (A audited, B and the number of its batch), its
 * label and the label's name. Throws as `openLabel` and `contactSheet` do.
 */
export async function triggerSheet(
  commitment: Commitment,
  openings: readonly Opening[],
): Promise<Uint8Array> {
  const { classNames } = commitment.parameters;
  return contactSheet({
    images: openings.map(({ image }) => image),
    captions: openings.map((opening) => {
      const label = openLabel(commitment, opening);
      const name = classNames[label] ?? '';
      return `#${opening.index} ${groupOf(commitment, opening.index)} ${label} ${name}`;
    }),
  });
}

/** `A` for an audited pair, `B` and the number of its batch for a hidden one. */
export function groupOf({ order }: Commitment, index: number): string {
  if (order.audited.includes(index)) return 'A';
  return `B${order.batches.findIndex((batch) => batch.includes(index))}`;
}
