import { length, turn, wave } from '../arithmetic.js';
import { fractalNoise, noise } from '../noise.js';
import { type Field, featureCount, type Pattern } from './field.js';

/** Clouds: noise of several sizes, displaced by itself. */
export const clouds: Pattern = (random, detail) => {
  const scale = featureCount(random, 1, detail) / 2;
  const [seed, other] = [random.bits(), random.bits()];
  const warp = random.between(0.2, 1.6);
  return (x, y) => {
    const [u, v] = [x * scale, y * scale];
    const dx = warp * noise(u + 5.2, v + 1.3, other);
    const dy = warp * noise(u - 3.7, v + 8.1, other);
    return fractalNoise(u + dx, v + dy, seed, 4);
  };
};

/** Contour lines of a hilly country. */
export const contours: Pattern = (random, detail) => {
  const scale = random.between(0.5, 0.5 + detail / 6);
  const bands = random.between(1, 1 + detail / 4);
  const seed = random.bits();
  return (x, y) => wave(bands * fractalNoise(x * scale, y * scale, seed, 2));
};

/** Silk: the plane folded over itself again and again by waves across each other. */
export const silk: Pattern = (random, detail) => {
  const folds = Array.from({ length: 3 + random.integer(3) }, () => ({
    strength: random.between(0.15, 0.5),
    across: random.between(0.2, 0.35 + detail / 24),
    down: random.between(0.2, 0.35 + detail / 24),
    phase: random.unit(),
  }));
  const [a, b] = [random.between(-0.6, 0.6), random.between(0.2, 0.6)];
  return (x, y) => {
    let [u, v] = [x, y];
    for (const { strength, across, down, phase } of folds) {
      u += strength * wave(across * v + phase);
      v += strength * wave(down * u - phase);
    }
    return wave(a * u + b * v) + 0.5 * wave(b * u - a * v);
  };
};

/** Brush strokes: noise drawn out along a direction that turns slowly. */
export const strokes: Pattern = (random, detail) => {
  const [seed, other] = [random.bits(), random.bits()];
  const along = random.between(0.4, 1);
  const across = random.between(1.5, 1.5 + detail / 2.5);
  const [start, bend] = [random.unit(), random.between(0, 0.12)];
  return (x, y) => {
    const direction = start + bend * noise(x * 0.7, y * 0.7, other);
    const [cosine, sine] = [wave(direction + 0.25), wave(direction)];
    return fractalNoise(along * (x * cosine + y * sine), across * (y * cosine - x * sine), seed, 3);
  };
};

/** Flames: how near a point comes to a line as the plane is inverted, turned and folded again and again. */
export const flames: Pattern = (random) => {
  const [a, b] = [random.between(0.45, 1), random.between(0.3, 0.9)];
  const [offsetX, offsetY] = [random.between(-0.6, 0.6), random.between(-0.6, 0.6)];
  const [zoom, angle] = [random.between(0.4, 0.9), random.unit()];
  const [cosine, sine] = [wave(angle + 0.25), wave(angle)];
  const rounds = 3 + random.integer(2);
  return (x, y) => {
    let [u, v] = [offsetX + zoom * x, offsetY + zoom * y];
    let [glow, nearest] = [0, 4];
    for (let round = 0; round < rounds; round++) {
      const square = u * u + v * v + 0.05;
      const [left, up] = [u / square - a, v / square - b];
      u = Math.abs(left * cosine - up * sine);
      v = left * sine + up * cosine;
      nearest = Math.min(nearest, u + 0.35 * Math.abs(v));
      glow += 1 / (1 + 3 * (u * u + v * v));
    }
    return glow / rounds - 0.5 * nearest;
  };
};

/** One or two whirls with arms. */
export const whirls: Pattern = (random, detail) => {
  const whirl = (): Field => {
    const [centreX, centreY] = [random.between(-0.9, 0.9), random.between(-0.9, 0.9)];
    const arms = (1 + random.integer(4)) * (random.chance(0.5) ? 1 : -1);
    const tightness = random.between(0.4, 0.6 + detail / 6);
    return (x, y) => {
      const [u, v] = [x - centreX, y - centreY];
      const radius = length(u, v);
      return wave(arms * turn(u, v) + tightness * radius) * (radius / (radius + 0.15));
    };
  };
  const first = whirl();
  if (random.chance(0.4)) return first;
  const second = whirl();
  return (x, y) => first(x, y) + second(x, y);
};
