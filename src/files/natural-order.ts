/**
 * Compares names with runs of digits as numbers, so that `2.jpg` comes before `10.jpg`; what is otherwise equal
 * (`1` and `01`) goes by code unit. The same order on every machine, whatever its locale.
 */
export function naturalOrder(a: string, b: string): number {
  const left = parts(a);
  const right = parts(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = comparePart(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length || compareText(a, b);
}

/** Text and digits in turn: `a1b20` gives `a`, `1`, `b`, `20`. */
function parts(name: string): readonly string[] {
  return name.match(/\d+|\D+/g) ?? [];
}

function comparePart(a: string, b: string): number {
  if (!/^\d/.test(a) || !/^\d/.test(b)) return compareText(a, b);
  const [x, y] = [a, b].map((digits) => digits.replace(/^0+/, '')) as [string, string];
  return x.length - y.length || compareText(x, y);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
