/**
 * out = a · b, or out += a · b, of float32. a: rows × depth; b: depth × columns, in panels of 8 columns; columns must be a
 * multiple of 4. `…Row`, `…Column` and `…Panel` are the bytes from one to the next. Four rows and eight columns of the
 * result stay in registers. Where the number of rows is no multiple of 4, the last one is computed up to four times.
 */
export function multiply(
  a: usize, aRow: usize, aColumn: usize,
  b: usize, bRow: usize, bPanel: usize,
  out: usize, outRow: usize,
  rows: i32, columns: i32, depth: i32, add: bool,
): void {
  for (let column = 0; column < columns; column += 8) {
    const isHalf = columns - column < 8;
    for (let row = 0; row < rows; row += 4) {
      const left = rows - row;
      const a0 = a + <usize>row * aRow;
      const a1 = left > 1 ? a0 + aRow : a0;
      const a2 = left > 2 ? a1 + aRow : a1;
      const a3 = left > 3 ? a2 + aRow : a2;
      const o0 = out + <usize>row * outRow + (<usize>column << 2);
      const o1 = left > 1 ? o0 + outRow : o0;
      const o2 = left > 2 ? o1 + outRow : o1;
      const o3 = left > 3 ? o2 + outRow : o2;
      if (isHalf) fourColumns(a0, a1, a2, a3, aColumn, b, bRow, o0, o1, o2, o3, depth, add);
      else eightColumns(a0, a1, a2, a3, aColumn, b, bRow, o0, o1, o2, o3, depth, add);
    }
    b += bPanel;
  }
}

function eightColumns(
  a0: usize, a1: usize, a2: usize, a3: usize, aColumn: usize,
  b: usize, bRow: usize,
  o0: usize, o1: usize, o2: usize, o3: usize,
  depth: i32, add: bool,
): void {
  let c00 = f32x4.splat(0), c10 = c00, c20 = c00, c30 = c00;
  let c01 = c00, c11 = c00, c21 = c00, c31 = c00;
  if (add) {
    c00 = v128.load(o0);
    c01 = v128.load(o0, 16);
    c10 = v128.load(o1);
    c11 = v128.load(o1, 16);
    c20 = v128.load(o2);
    c21 = v128.load(o2, 16);
    c30 = v128.load(o3);
    c31 = v128.load(o3, 16);
  }
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let factor = v128.load_splat<f32>(a0);
    c00 = f32x4.add(c00, f32x4.mul(factor, b0));
    c01 = f32x4.add(c01, f32x4.mul(factor, b1));
    factor = v128.load_splat<f32>(a1);
    c10 = f32x4.add(c10, f32x4.mul(factor, b0));
    c11 = f32x4.add(c11, f32x4.mul(factor, b1));
    factor = v128.load_splat<f32>(a2);
    c20 = f32x4.add(c20, f32x4.mul(factor, b0));
    c21 = f32x4.add(c21, f32x4.mul(factor, b1));
    factor = v128.load_splat<f32>(a3);
    c30 = f32x4.add(c30, f32x4.mul(factor, b0));
    c31 = f32x4.add(c31, f32x4.mul(factor, b1));
    a0 += aColumn;
    a1 += aColumn;
    a2 += aColumn;
    a3 += aColumn;
    b += bRow;
  }
  v128.store(o0, c00);
  v128.store(o0, c01, 16);
  v128.store(o1, c10);
  v128.store(o1, c11, 16);
  v128.store(o2, c20);
  v128.store(o2, c21, 16);
  v128.store(o3, c30);
  v128.store(o3, c31, 16);
}

function fourColumns(
  a0: usize, a1: usize, a2: usize, a3: usize, aColumn: usize,
  b: usize, bRow: usize,
  o0: usize, o1: usize, o2: usize, o3: usize,
  depth: i32, add: bool,
): void {
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
  if (add) {
    c0 = v128.load(o0);
    c1 = v128.load(o1);
    c2 = v128.load(o2);
    c3 = v128.load(o3);
  }
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(b);
    c0 = f32x4.add(c0, f32x4.mul(v128.load_splat<f32>(a0), b0));
    c1 = f32x4.add(c1, f32x4.mul(v128.load_splat<f32>(a1), b0));
    c2 = f32x4.add(c2, f32x4.mul(v128.load_splat<f32>(a2), b0));
    c3 = f32x4.add(c3, f32x4.mul(v128.load_splat<f32>(a3), b0));
    a0 += aColumn;
    a1 += aColumn;
    a2 += aColumn;
    a3 += aColumn;
    b += bRow;
  }
  v128.store(o0, c0);
  v128.store(o1, c1);
  v128.store(o2, c2);
  v128.store(o3, c3);
}
