import { clamp, length, smoothStep } from '../arithmetic.js';
import { latticeHash } from '../noise.js';
import { featureCount, type Pattern } from './field.js';

/**
 * Cells around scattered points (Worley 1996): flat mosaic, distance to the point, or distance to the border; round, square
 * or diamond by the measure of distance.
 */
export const cells: Pattern = (random, detail) => {
  const scale = featureCount(random, 1.6, detail) / 2;
  const seed = random.bits();
  const [shiftX, shiftY] = [random.between(0, 9), random.between(0, 9)];
  const measure = random.pick([
    length,
    length,
    (x: number, y: number) => Math.abs(x) + Math.abs(y),
    (x: number, y: number) => Math.max(Math.abs(x), Math.abs(y)),
  ]);
  const [flat, hill, border] = random.pick([
    [1, 0, 0],
    [1, 0.5, 0],
    [0, 1, 0],
    [0, 0, 1],
    [0.6, 0, 0.8],
  ]) as [number, number, number];
  return (x, y) => {
    const [u, v] = [x * scale + shiftX, y * scale + shiftY];
    const [column, row] = [Math.floor(u), Math.floor(v)];
    let [first, second, identity] = [9, 9, 0];
    for (let i = column - 1; i <= column + 1; i++) {
      for (let j = row - 1; j <= row + 1; j++) {
        const hash = latticeHash(i, j, seed);
        const atX = i + (hash & 0xff) / 256;
        const atY = j + ((hash >>> 8) & 0xff) / 256;
        const distance = measure(u - atX, v - atY);
        if (distance < first) {
          [second, first, identity] = [first, distance, hash >>> 16];
        } else if (distance < second) second = distance;
      }
    }
    return flat * (identity / 0xffff) - hill * first + border * Math.min(1, 2 * (second - first));
  };
};

/** Shards: the plane cut by lines and large circles, each cut raising one side. */
export const shards: Pattern = (random) => {
  const cuts = Array.from({ length: 4 + random.integer(4) }, () => {
    const [x, y] = [random.between(-1.3, 1.3), random.between(-1.3, 1.3)];
    return {
      x,
      y,
      radius: random.chance(0.35) ? random.between(0.3, 1.1) : 0,
      weight: random.between(0.3, 1) * (random.chance(0.5) ? 1 : -1),
      shade: random.between(0, 0.25),
    };
  });
  return (x, y) => {
    let sum = 0;
    for (const cut of cuts) {
      const [u, v] = [x - cut.x, y - cut.y];
      const side = cut.radius === 0 ? u * cut.x + v * cut.y : length(u, v) - cut.radius;
      sum += cut.weight * ((side > 0 ? 1 : -1) + cut.shade * side);
    }
    return sum;
  };
};

/** Discs painted over each other, each with a value and a soft or hard rim. */
export const discs: Pattern = (random, detail) => {
  const painted = Array.from({ length: 5 + random.integer(Math.ceil(2 * detail)) }, () => ({
    x: random.between(-1.2, 1.2),
    y: random.between(-1.2, 1.2),
    radius: random.between(0.2, 0.75),
    value: random.unit(),
    slope: random.between(-0.6, 0.6),
    rim: random.pick([0.02, 0.02, 0.3]),
  }));
  return (x, y) => {
    let value = 0.5;
    for (const disc of painted) {
      const distance = length(x - disc.x, y - disc.y);
      const cover = 1 - smoothStep(disc.radius - disc.rim, disc.radius + disc.rim, distance);
      value += cover * (disc.value + disc.slope * (distance / disc.radius) - value);
    }
    return value;
  };
};

/** Blobs that flow together, some raised and some sunk. */
export const blobs: Pattern = (random) => {
  const sources = Array.from({ length: 4 + random.integer(5) }, () => ({
    x: random.between(-1.1, 1.1),
    y: random.between(-1.1, 1.1),
    size: random.between(0.02, 0.16),
    strength: random.chance(0.5) ? 1 : -1,
  }));
  const edge = random.pick([0.6, 1.5, 5]);
  return (x, y) => {
    let sum = 0;
    for (const { x: fromX, y: fromY, size, strength } of sources) {
      const [u, v] = [x - fromX, y - fromY];
      sum += (strength * size) / (size + u * u + v * v);
    }
    return clamp(edge * sum, -1, 1);
  };
};
