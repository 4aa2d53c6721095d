import { each, own } from './wgsl.js';

/** Vectors of the inner dimension that a workgroup loads at a time. */
const depth = 4;

/** WGSL that reads and writes four numbers beside each other. */
interface Access {
  /** `gradientsAt(at, f)` and `weightsAt(tap, c, f)` read from filter f on; `store(start, c, values)` writes from channel c on. */
  readonly functions: string;
}

/** Channels and filters in any number: four separate numbers. */
export const ones: Access = {
  functions: `
  fn gradientsAt(start : i32, f : i32) -> vec4<f32> {
    var values = vec4<f32>(0.0);
    ${each((i) => `if (f + ${i} < uniforms.dyShape.w) { values[${i}] = dy[start + f + ${i}]; }`)}
    return values;
  }

  fn weightsAt(start : i32, f : i32) -> vec4<f32> {
    var values = vec4<f32>(0.0);
    ${each((i) => `if (f + ${i} < uniforms.dyShape.w) { values[${i}] = filters[start + f + ${i}]; }`)}
    return values;
  }

  fn store(start : i32, c : i32, values : vec4<f32>) {
    ${each((i) => `if (c + ${i} < uniforms.outShape.w) { result[start + c + ${i}] = values[${i}]; }`)}
  }
  `,
};

/** Channels and filters in fours. */
export const fours: Access = {
  functions: `
  fn gradientsAt(start : i32, f : i32) -> vec4<f32> {
    return dy[(start + f) / 4];
  }

  fn weightsAt(start : i32, f : i32) -> vec4<f32> {
    return filters[(start + f) / 4];
  }

  fn store(start : i32, c : i32, values : vec4<f32>) {
    if (c < uniforms.outShape.w) { result[(start + c) / 4] = values; }
  }
  `,
};

/**
 * WGSL of the input gradient at the positions of one residue modulo the stride, which all read the same taps of the
 * filter, for workgroups of `x` × `y` invocations, each with a tile of 4x channels × 4y positions. The inner dimension is
 * taps × filters.
 */
export function inputGradientShader({
  x,
  y,
  access,
}: {
  x: number;
  y: number;
  access: Access;
}): string {
  /** Rows of a tile that all invocations load at once, `depth` of them side by side. */
  const rows = (x * y) / depth;
  const loads = (height: number): number[] => Array.from({ length: height / rows }, (_, i) => i);
  return `
  var<workgroup> gradients : array<array<vec4<f32>, ${own * y + 1}>, ${depth}>;
  var<workgroup> weights : array<array<vec4<f32>, ${own * x + 1}>, ${depth}>;

  /** Image, row and column, among those of this residue. */
  fn placeOf(position : i32) -> vec3<i32> {
    let rows = position / uniforms.places.y;
    return vec3<i32>(rows / uniforms.places.x, rows % uniforms.places.x, position % uniforms.places.y);
  }
  ${access.functions}
  fn gradientsOf(place : vec3<i32>, tap : vec2<i32>, f : i32) -> vec4<f32> {
    let at = place.yz + uniforms.origin - tap;
    if (place.x < uniforms.dyShape.x && f < uniforms.dyShape.w && tap.x < uniforms.taps.x &&
        all(at >= vec2<i32>(0)) && all(at < uniforms.dyShape.yz)) {
      return gradientsAt(dot(vec3<i32>(place.x, at), uniforms.dyShapeStrides), f);
    }
    return vec4<f32>(0.0);
  }

  fn weightsOf(channel : i32, tap : vec2<i32>, f : i32) -> vec4<f32> {
    if (channel < uniforms.outShape.w && f < uniforms.dyShape.w && tap.x < uniforms.taps.x) {
      let at = uniforms.firstTap + tap * uniforms.strides;
      return weightsAt(dot(vec3<i32>(at, channel), uniforms.filtersShapeStrides), f);
    }
    return vec4<f32>(0.0);
  }

  fn storeAt(position : i32, channel : i32, values : vec4<f32>) {
    let place = placeOf(position);
    if (place.x < uniforms.outShape.x) {
      let at = place.yz * uniforms.strides + uniforms.residue;
      store(dot(vec3<i32>(place.x, at), uniforms.outShapeStrides), channel, values);
    }
  }

  fn main() {
    let invocation = i32(localIndex);
    let tileChannel = i32(workgroupId.x) * ${own * x};
    let tilePosition = (i32(workgroupId.z) * i32(numWorkgroups.y) + i32(workgroupId.y)) * ${own * y};
    let loadedVector = invocation % ${depth};
    let loadedRow = invocation / ${depth};
    ${loads(own * y)
      .map((i) => `let place${i} = placeOf(tilePosition + loadedRow + ${i * rows});`)
      .join('\n')}

    ${each((i) => `var sum${i} = vec4<f32>(0.0);`)}
    let vectors = (uniforms.dyShape.w + 3) / 4;
    let inner = uniforms.taps.x * uniforms.taps.y * vectors;
    for (var done = 0; done < inner; done += ${depth}) {
      let index = (done + loadedVector) / vectors;
      let tap = vec2<i32>(index / uniforms.taps.y, index % uniforms.taps.y);
      let f = (done + loadedVector) % vectors * 4;
      ${loads(own * y)
        .map(
          (i) =>
            `gradients[loadedVector][loadedRow + ${i * rows}] = gradientsOf(place${i}, tap, f);`,
        )
        .join('\n')}
      ${loads(own * x)
        .map(
          (i) => `weights[loadedVector][loadedRow + ${i * rows}] =
              weightsOf(tileChannel + loadedRow + ${i * rows}, tap, f);`,
        )
        .join('\n')}
      workgroupBarrier();
      for (var m = 0; m < ${depth}; m++) {
        ${each((i) => `let gradient${i} = gradients[m][i32(localId.y) * ${own} + ${i}];`)}
        ${each((i) => `let weight${i} = weights[m][i32(localId.x) * ${own} + ${i}];`)}
        ${each((i) => `sum${i} += vec4<f32>(${each((j) => `dot(gradient${i}, weight${j})`, ', ')});`)}
      }
      workgroupBarrier();
    }
    let position = tilePosition + i32(localId.y) * ${own};
    let channel = tileChannel + i32(localId.x) * ${own};
    ${each((i) => `storeAt(position + ${i}, channel, sum${i});`)}
  }
  `;
}
