import { clamp, length, triangle, turn, wave } from '../arithmetic.js';
import { latticeHash, latticeUnit, noise } from '../noise.js';
import { featureCount, type Pattern } from './field.js';

/** Stripes, soft, sharp or saw-toothed, that widen to one side. */
export const stripes: Pattern = (random, detail) => {
  const angle = random.unit();
  const [cosine, sine] = [wave(angle + 0.25), wave(angle)];
  const frequency = featureCount(random, 1, detail) / 2;
  const chirp = random.between(0, 0.3);
  const [phase, sharpness] = [random.unit(), random.pick([0, 0, 2, 6])];
  const profile = random.pick([wave, wave, triangle, (t: number) => 2 * (t - Math.floor(t)) - 1]);
  return (x, y) => {
    const along = x * cosine + y * sine;
    const value = profile(frequency * along * (1 + chirp * along) + phase);
    return sharpness === 0 ? value : clamp(value * sharpness, -1, 1);
  };
};

/** Ripples from two or three points, over each other. */
export const ripples: Pattern = (random, detail) => {
  const sources = Array.from({ length: 2 + random.integer(2) }, () => ({
    x: random.between(-1.6, 1.6),
    y: random.between(-1.6, 1.6),
    frequency: random.between(0.6, 0.8 + detail / 5),
    phase: random.unit(),
  }));
  return (x, y) => {
    let sum = 0;
    for (const { x: fromX, y: fromY, frequency, phase } of sources) {
      sum += wave(frequency * length(x - fromX, y - fromY) + phase);
    }
    return sum;
  };
};

/** A weave of two waves across each other, bent. */
export const weave: Pattern = (random, detail) => {
  const [across, down] = [
    featureCount(random, 1.5, detail) / 2,
    featureCount(random, 1.5, detail) / 2,
  ];
  const [skew, bend] = [random.between(-0.7, 0.7), random.between(0, 0.5)];
  const [seed, sharpness] = [random.bits(), random.pick([1, 1, 3, 8])];
  return (x, y) => {
    const shift = bend * noise(x * 0.8, y * 0.8, seed);
    const value = wave(across * (x + skew * y) + shift) * wave(down * (y - skew * x) + shift);
    return clamp(value * sharpness, -1, 1);
  };
};

/** A maze of quarter circles, one of two ways round in each square (Truchet's tiles, after Smith 1987). */
export const maze: Pattern = (random, detail) => {
  const scale = random.between(1, Math.max(1.3, detail / 4));
  const [seed, sharpness] = [random.bits(), random.between(2, 7)];
  const [shiftX, shiftY] = [random.between(0, 9), random.between(0, 9)];
  return (x, y) => {
    const [u, v] = [x * scale + shiftX, y * scale + shiftY];
    const [column, row] = [Math.floor(u), Math.floor(v)];
    const hash = latticeHash(column, row, seed);
    const inX = hash & 1 ? u - column : 1 - u + column;
    const inY = v - row;
    const near = inX + inY < 1 ? length(inX, inY) : length(1 - inX, 1 - inY);
    return -clamp(sharpness * (Math.abs(near - 0.5) - 0.2), -1, 1);
  };
};

/** Bars: rows of different heights, each cut into blocks of its own width. */
export const bars: Pattern = (random, detail) => {
  const rows = featureCount(random, 2, detail) / 2;
  const angle = random.pick([0, 0, 0.25, 0.125, random.unit()]);
  const [cosine, sine] = [wave(angle + 0.25), wave(angle)];
  const [seed, jitter] = [random.bits(), random.between(0, 0.4)];
  const slant = random.between(0, 0.4);
  return (x, y) => {
    const [u, v] = [x * cosine + y * sine, y * cosine - x * sine];
    const bent = v * rows + jitter * wave(v * rows * 0.37);
    const row = Math.floor(bent);
    const width = 0.4 + 1.6 * latticeUnit(row, 1, seed);
    const across = (u + latticeUnit(row, 2, seed)) / width + slant * (bent - row);
    return latticeUnit(row, 3 + Math.floor(across), seed);
  };
};

/** Rays of uneven width from a point. */
export const rays: Pattern = (random, detail) => {
  const [centreX, centreY] = [random.between(-1.2, 1.2), random.between(-1.2, 1.2)];
  const arms = Array.from({ length: 3 }, () => ({
    count: 2 + random.integer(Math.ceil(detail)),
    phase: random.unit(),
    bend: random.between(-0.3, 0.3),
  }));
  return (x, y) => {
    const [u, v] = [x - centreX, y - centreY];
    const [direction, radius] = [turn(u, v), length(u, v)];
    let sum = 0;
    for (const { count, phase, bend } of arms) {
      sum += wave(count * direction + phase + bend * radius);
    }
    return sum * (radius / (radius + 0.25));
  };
};
