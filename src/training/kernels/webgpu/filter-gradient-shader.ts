import { each, own } from './wgsl.js';

/** Positions that a workgroup loads at a time. */
export const depth = 16;
/** Invocations of a workgroup. */
export const invocations = 64;

/** WGSL that reads and writes four numbers beside each other. */
interface Access {
  /** Statements that find, once, the four elements of a patch from `element` on. */
  readonly findTaps: string;
  /** An expression for those elements of the patch at `origin`. */
  readonly patch: string;
  /** Functions used above, and `gradientsAt(p, filter)` and `store(slice, element, filter, values)`. */
  readonly functions: string;
}

const taps = `
  /** Row and column of a patch's element within the patch, and its distance in x from the patch's start. */
  fn tapOf(element : i32) -> vec3<i32> {
    let tap = element / uniforms.xShape.w;
    let offset = vec2<i32>(tap / uniforms.filterDims.y, tap % uniforms.filterDims.y);
    let within = dot(offset, uniforms.xShapeStrides.yz) + element % uniforms.xShape.w;
    return vec3<i32>(offset, within);
  }

  fn isInside(at : vec2<i32>) -> bool {
    return all(at >= vec2<i32>(0)) && all(at < uniforms.xShape.yz);
  }
`;

/** Channels and filters in any number: four separate numbers. */
export const ones: Access = {
  findTaps: each((i) => `let tap${i} = tapOf(element + ${i});`),
  patch: `vec4<f32>(${each((i) => `elementAt(origin, tap${i}, element + ${i})`, ', ')})`,
  functions: `
  ${taps}
  fn elementAt(origin : vec3<i32>, tap : vec3<i32>, element : i32) -> f32 {
    if (element < uniforms.outShape.y && isInside(origin.xy + tap.xy)) {
      return x[origin.z + tap.z];
    }
    return 0.0;
  }

  fn gradientAt(p : i32, filterIndex : i32) -> f32 {
    if (filterIndex < uniforms.outShape.z) {
      return dy[p * uniforms.outShape.z + filterIndex];
    }
    return 0.0;
  }

  fn gradientsAt(p : i32, first : i32) -> vec4<f32> {
    return vec4<f32>(${each((i) => `gradientAt(p, first + ${i})`, ', ')});
  }

  fn store(slice : i32, element : i32, first : i32, values : vec4<f32>) {
    let start = (slice * uniforms.outShape.y + element) * uniforms.outShape.z + first;
    ${each((i) => `if (first + ${i} < uniforms.outShape.z) { result[start + ${i}] = values[${i}]; }`)}
  }
  `,
};

/** Channels and filters in fours: one vector, of one tap. */
export const fours: Access = {
  findTaps: 'let tap = tapOf(element);',
  patch: 'elementsAt(origin, tap, element)',
  functions: `
  ${taps}
  fn elementsAt(origin : vec3<i32>, tap : vec3<i32>, element : i32) -> vec4<f32> {
    if (element < uniforms.outShape.y && isInside(origin.xy + tap.xy)) {
      return x[(origin.z + tap.z) / 4];
    }
    return vec4<f32>(0.0);
  }

  fn gradientsAt(p : i32, first : i32) -> vec4<f32> {
    if (first < uniforms.outShape.z) {
      return dy[(p * uniforms.outShape.z + first) / 4];
    }
    return vec4<f32>(0.0);
  }

  fn store(slice : i32, element : i32, first : i32, values : vec4<f32>) {
    if (first < uniforms.outShape.z) {
      result[((slice * uniforms.outShape.y + element) * uniforms.outShape.z + first) / 4] = values;
    }
  }
  `,
};

/**
 * WGSL of the filter gradient for workgroups of `x` × `y` invocations, each with a tile of 4x filters × 4y elements of a
 * patch. The tile's part of `depth` patches and of dy is loaded into the workgroup's memory, multiplied, and so on through
 * the slice. Every invocation takes every turn, because all must meet at the barriers.
 */
export function filterGradientShader({
  x,
  y,
  access,
}: {
  x: number;
  y: number;
  access: Access;
}): string {
  return `
  /** For each loaded position: the row and column of x where its patch starts, and the index of that in x. */
  var<workgroup> origins : array<vec3<i32>, ${depth}>;
  var<workgroup> patches : array<array<vec4<f32>, ${y}>, ${depth}>;
  var<workgroup> gradients : array<array<vec4<f32>, ${x}>, ${depth}>;

  fn findOrigin(index : i32, p : i32) {
    let rows = p / uniforms.dyShape.z;
    let position = vec2<i32>(rows % uniforms.dyShape.y, p % uniforms.dyShape.z);
    let corner = position * uniforms.strides - uniforms.pads;
    let start = dot(vec3<i32>(rows / uniforms.dyShape.y, corner), uniforms.xShapeStrides);
    origins[index] = vec3<i32>(corner, start);
  }
  ${access.functions}
  fn main() {
    let invocation = i32(localIndex);
    let slice = i32(workgroupId.z);
    let positions = uniforms.dyShape.x * uniforms.dyShape.y * uniforms.dyShape.z;
    let end = min((slice + 1) * uniforms.slice, positions);
    let tileElement = i32(workgroupId.y) * ${own * y};
    let tileFilter = i32(workgroupId.x) * ${own * x};

    let element = tileElement + invocation % ${y} * ${own};
    let filterIndex = tileFilter + invocation % ${x} * ${own};
    ${access.findTaps}

    ${each((i) => `var sum${i} = vec4<f32>(0.0);`)}
    if (invocation < ${depth}) {
      findOrigin(invocation, slice * uniforms.slice + invocation);
    }
    workgroupBarrier();
    for (var done = 0; done < uniforms.slice; done += ${depth}) {
      let first = slice * uniforms.slice + done;
      for (var p = invocation / ${y}; p < ${depth}; p += ${invocations / y}) {
        let origin = origins[p];
        var patchOf = vec4<f32>(0.0);
        if (first + p < end) {
          patchOf = ${access.patch};
        }
        patches[p][invocation % ${y}] = patchOf;
      }
      for (var p = invocation / ${x}; p < ${depth}; p += ${invocations / x}) {
        var gradientOf = vec4<f32>(0.0);
        if (first + p < end) {
          gradientOf = gradientsAt(first + p, filterIndex);
        }
        gradients[p][invocation % ${x}] = gradientOf;
      }
      workgroupBarrier();
      if (invocation < ${depth}) {
        findOrigin(invocation, first + ${depth} + invocation);
      }
      for (var p = 0; p < ${depth}; p++) {
        let patchOf = patches[p][localId.y];
        let gradientOf = gradients[p][localId.x];
        ${each((i) => `sum${i} += patchOf[${i}] * gradientOf;`)}
      }
      workgroupBarrier();
    }
    let row = tileElement + i32(localId.y) * ${own};
    let column = tileFilter + i32(localId.x) * ${own};
    ${each((i) => `if (row + ${i} < uniforms.outShape.y) { store(slice, row + ${i}, column, sum${i}); }`)}
  }
  `;
}
