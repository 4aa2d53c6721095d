/** A place in pixels, from the plot's top left corner. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface PlacedLabel {
  readonly text: string;
  /** Middle of the text. */
  readonly x: number;
  readonly y: number;
  /** The marker that it names. */
  readonly anchor: Place;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const characterWidth = 7.5;
const textHeight = 13;
const markerRadius = 6;
/** Markers nearer to one another than this share a label. */
const together = 4;
const rings = [13, 20, 28, 38, 50, 64];
const directions = 16;

/**
 * Puts a label beside each marker where it covers neither another label nor a marker: of the places around it, in rings,
 * the first that is free, else the one that covers the least. Markers on one spot share a label. Deterministic: the order of
 * the markers decides.
 */
export function placeLabels(
  markers: readonly (Place & { readonly text: string })[],
  { width, height, others }: { width: number; height: number; others: readonly Place[] },
): PlacedLabel[] {
  const taken = [...markers, ...others].map((place) => around(place, markerRadius, markerRadius));
  return merged(markers).map(({ text, ...anchor }) => {
    const [halfWidth, halfHeight] = [(text.length * characterWidth) / 2, textHeight / 2];
    const boxes = candidates(anchor, halfWidth).map((place) =>
      around(place, halfWidth, halfHeight),
    );
    const costs = boxes.map((box) => cost(box, taken, { width, height }));
    const best = boxes[costs.indexOf(Math.min(...costs))] ?? around(anchor, 0, 0);
    taken.push(best);
    return {
      text,
      anchor,
      x: (best.left + best.right) / 2,
      y: (best.top + best.bottom) / 2,
    };
  });
}

function merged(markers: readonly (Place & { readonly text: string })[]) {
  const spots: (Place & { text: string })[] = [];
  for (const { text, x, y } of markers) {
    const spot = spots.find((one) => Math.hypot(one.x - x, one.y - y) < together);
    if (spot) spot.text += `, ${text}`;
    else spots.push({ text, x, y });
  }
  return spots;
}

/** Places around a marker, the nearest first, on each ring from the right and clockwise. */
function candidates({ x, y }: Place, halfWidth: number): Place[] {
  return rings.flatMap((radius) =>
    Array.from({ length: directions }, (_, i) => {
      const angle = (2 * Math.PI * i) / directions;
      // A wide text stands further to the sides, as far as its own half width.
      const wide = radius + halfWidth - characterWidth / 2;
      return { x: x + wide * Math.cos(angle), y: y + radius * Math.sin(angle) };
    }),
  );
}

function around({ x, y }: Place, halfWidth: number, halfHeight: number): Box {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

/** The area in square pixels that a box covers of others, and that of it which is out of the plot. */
function cost(
  box: Box,
  taken: readonly Box[],
  { width, height }: { width: number; height: number },
): number {
  const inside = overlap(box, { left: 0, right: width, top: 0, bottom: height });
  const area = (box.right - box.left) * (box.bottom - box.top);
  const covered = taken.reduce((sum, other) => sum + overlap(box, other), 0);
  return Math.round(covered + 4 * (area - inside));
}

function overlap(a: Box, b: Box): number {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return across > 0 && down > 0 ? across * down : 0;
}
