/**
 * Passes over pixels × channels of float32 for batch normalisation; the number of channels is a multiple of 4. Sums are
 * those of pieces of a few kilobytes, which keeps both their rounding errors and the way to memory small.
 */
import { float, vector } from './task';

const pieceBytes: i32 = 1 << 13;

function pixelsOfPiece(channels: i32): i32 {
  return max(16, pieceBytes / (channels * <i32>float));
}

/** Means and sums of squared deviations of each channel, pieces put together as in Chan et al. (1979). */
export function moments(x: usize, pixels: i32, channels: i32, means: usize, squares: usize): void {
  const pixel = <usize>channels * float;
  const piece = pixelsOfPiece(channels);
  memory.fill(means, 0, pixel);
  memory.fill(squares, 0, pixel);
  for (let first = 0; first < pixels; first += piece) {
    const count = min(piece, pixels - first);
    const share = <f32>count / <f32>(first + count);
    for (let offset: usize = 0; offset < pixel; offset += vector) {
      const start = x + <usize>first * pixel + offset;
      const mean = f32x4.div(sumOf(start, count, pixel), f32x4.splat(<f32>count));
      const square = squaresOf(start, count, pixel, mean);
      const before = v128.load(means + offset);
      const difference = f32x4.sub(mean, before);
      v128.store(means + offset, f32x4.add(before, f32x4.mul(difference, f32x4.splat(share))));
      const between = f32x4.mul(f32x4.mul(difference, difference), f32x4.splat(<f32>first * share));
      v128.store(squares + offset, f32x4.add(v128.load(squares + offset), f32x4.add(square, between)));
    }
  }
}

function sumOf(from: usize, count: i32, step: usize): v128 {
  let a = f32x4.splat(0), b = a, c = a, d = a;
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    a = f32x4.add(a, v128.load(from));
    b = f32x4.add(b, v128.load(from + step));
    c = f32x4.add(c, v128.load(from + 2 * step));
    d = f32x4.add(d, v128.load(from + 3 * step));
    from += 4 * step;
  }
  for (; i < count; i++) {
    a = f32x4.add(a, v128.load(from));
    from += step;
  }
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

function squaresOf(from: usize, count: i32, step: usize, mean: v128): v128 {
  let a = f32x4.splat(0), b = a;
  let i = 0;
  for (; i + 2 <= count; i += 2) {
    const x = f32x4.sub(v128.load(from), mean);
    const y = f32x4.sub(v128.load(from + step), mean);
    a = f32x4.add(a, f32x4.mul(x, x));
    b = f32x4.add(b, f32x4.mul(y, y));
    from += 2 * step;
  }
  if (i < count) {
    const x = f32x4.sub(v128.load(from), mean);
    a = f32x4.add(a, f32x4.mul(x, x));
  }
  return f32x4.add(a, b);
}

/** y = x · factors + addends, each channel with its own. */
export function scaleChannels(x: usize, pixels: i32, channels: i32, factors: usize, addends: usize, y: usize): void {
  const pixel = <usize>channels * float;
  for (let i = 0; i < pixels; i++) {
    for (let offset: usize = 0; offset < pixel; offset += vector) {
      const value = f32x4.mul(v128.load(x + offset), v128.load(factors + offset));
      v128.store(y + offset, f32x4.add(value, v128.load(addends + offset)));
    }
    x += pixel;
    y += pixel;
  }
}

/** Sums of dy, and of dy · (x − means), over the pixels of each channel. */
export function gradientSums(
  dy: usize, x: usize, pixels: i32, channels: i32, means: usize, sums: usize, products: usize,
): void {
  const pixel = <usize>channels * float;
  const piece = pixelsOfPiece(channels);
  memory.fill(sums, 0, pixel);
  memory.fill(products, 0, pixel);
  for (let first = 0; first < pixels; first += piece) {
    const count = min(piece, pixels - first);
    for (let offset: usize = 0; offset < pixel; offset += vector) {
      let from = <usize>first * pixel + offset;
      const mean = v128.load(means + offset);
      let a = f32x4.splat(0), b = a, c = a, d = a;
      let i = 0;
      for (; i + 2 <= count; i += 2) {
        const one = v128.load(dy + from);
        const two = v128.load(dy + from + pixel);
        a = f32x4.add(a, one);
        b = f32x4.add(b, two);
        c = f32x4.add(c, f32x4.mul(one, f32x4.sub(v128.load(x + from), mean)));
        d = f32x4.add(d, f32x4.mul(two, f32x4.sub(v128.load(x + from + pixel), mean)));
        from += 2 * pixel;
      }
      if (i < count) {
        const one = v128.load(dy + from);
        a = f32x4.add(a, one);
        c = f32x4.add(c, f32x4.mul(one, f32x4.sub(v128.load(x + from), mean)));
      }
      v128.store(sums + offset, f32x4.add(v128.load(sums + offset), f32x4.add(a, b)));
      v128.store(products + offset, f32x4.add(v128.load(products + offset), f32x4.add(c, d)));
    }
  }
}

/** dx = dy · gradientFactors + x · factors + addends, each channel with its own. */
export function combineChannels(
  dy: usize, x: usize, pixels: i32, channels: i32,
  gradientFactors: usize, factors: usize, addends: usize, dx: usize,
): void {
  const pixel = <usize>channels * float;
  for (let i = 0; i < pixels; i++) {
    for (let offset: usize = 0; offset < pixel; offset += vector) {
      const gradient = f32x4.mul(v128.load(dy + offset), v128.load(gradientFactors + offset));
      const value = f32x4.mul(v128.load(x + offset), v128.load(factors + offset));
      v128.store(dx + offset, f32x4.add(gradient, f32x4.add(value, v128.load(addends + offset))));
    }
    dy += pixel;
    x += pixel;
    dx += pixel;
  }
}

/** dx = 0 where y ≤ 0, else dy; `count` is a multiple of 4. */
export function rectifiedGradient(dy: usize, y: usize, count: i32, dx: usize): void {
  const zero = f32x4.splat(0);
  const end = dy + <usize>count * float;
  for (; dy < end; dy += vector) {
    v128.store(dx, v128.andnot(v128.load(dy), f32x4.le(v128.load(y), zero)));
    y += vector;
    dx += vector;
  }
}
