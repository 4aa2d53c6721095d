/** 32 bits for a point of the integer lattice; any two lattice points and seeds look independent. */
export function latticeHash(x: number, y: number, seed: number): number {
  let h = seed ^ Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** A number in [0, 1) for a point of the integer lattice. */
export function latticeUnit(x: number, y: number, seed: number): number {
  return latticeHash(x, y, seed) / 2 ** 32;
}

/** Gradient noise (Perlin 2002, with eight gradients) of features of size 1, about −1 to 1, mean 0. */
export function noise(x: number, y: number, seed: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - left, y - top];
  const across = u * u * u * (u * (6 * u - 15) + 10);
  const down = v * v * v * (v * (6 * v - 15) + 10);
  const a = slope(latticeHash(left, top, seed), u, v);
  const b = slope(latticeHash(left + 1, top, seed), u - 1, v);
  const c = slope(latticeHash(left, top + 1, seed), u, v - 1);
  const d = slope(latticeHash(left + 1, top + 1, seed), u - 1, v - 1);
  const upper = a + across * (b - a);
  return 1.5 * (upper + down * (c + across * (d - c) - upper));
}

function slope(hash: number, u: number, v: number): number {
  const [p, q] = hash & 4 ? [u, v] : [v, u];
  const sum = (hash & 1 ? p : -p) + 0.4142135623730951 * (hash & 2 ? q : -q);
  return 1.0823922002923938 * sum;
}

/** Noise of several sizes, each half as large and half as strong as the one before: about −1 to 1. */
export function fractalNoise(x: number, y: number, seed: number, octaves: number): number {
  let sum = 0;
  let strength = 0.5;
  let scale = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += strength * noise(x * scale + 17.3 * octave, y * scale - 9.1 * octave, seed + octave);
    strength *= 0.5;
    scale *= 2;
  }
  return 1.6 * sum;
}
