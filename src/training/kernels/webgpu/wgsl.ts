/** Results of one invocation along each dimension of a product: it holds 4 × 4 of them, as four vectors. */
export const own = 4;

/** A piece of WGSL for each of the four. */
export function each(piece: (i: number) => string, separator = '\n'): string {
  return [0, 1, 2, 3].map(piece).join(separator);
}
