/** Just enough of ONNX's protobuf (onnx.proto3) to write tiny models by hand. */
type Part = readonly [field: number, value: number | string | Uint8Array | readonly Part[]];

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
}

/** A protobuf message: numbers as varints, the rest with its length before it. */
function message(parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.flatMap(([field, value]) => {
      if (typeof value === 'number')
        return [Buffer.from([...varint(field << 3), ...varint(value)])];
      const bytes =
        typeof value === 'string' || value instanceof Uint8Array
          ? Buffer.from(value as string)
          : message(value);
      return [Buffer.from([...varint((field << 3) | 2), ...varint(bytes.length)]), bytes];
    }),
  );
}

/** Element types of `TensorProto.DataType`. */
export const types = { float: 1, uint8: 2, int64: 7 } as const;

export interface Value {
  readonly name: string;
  readonly type: number;
  /** Names stand for sizes that are open. */
  readonly shape: readonly (number | string)[];
}

const valueInfo = ({ name, type, shape }: Value): Part[] => {
  const dims = shape.map((side): Part => [1, [typeof side === 'number' ? [1, side] : [2, side]]]);
  return [
    [1, name],
    [
      2,
      [
        [
          1,
          [
            [1, type],
            [2, dims],
          ],
        ],
      ],
    ],
  ];
};

/** `[type, inputs, outputs, integer attributes]` of an operator. */
export type Node = readonly [
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Readonly<Record<string, number>>,
];

const node = ([type, inputs, outputs, attributes = {}]: Node): Part[] => [
  ...inputs.map((name): Part => [1, name]),
  ...outputs.map((name): Part => [2, name]),
  [4, type],
  ...Object.entries(attributes).map(([name, value]): Part => [
    5,
    [
      [1, name],
      [3, value],
      [20, 2],
    ],
  ]),
];

/** A model file (ir version 8, operator set 13); weights are 32-bit floats. */
export function onnxModel({
  inputs,
  outputs,
  nodes,
  weights,
}: {
  inputs: readonly Value[];
  outputs: readonly Value[];
  nodes: readonly Node[];
  weights: Readonly<Record<string, { shape: readonly number[]; values: readonly number[] }>>;
}): Buffer {
  const initializers = Object.entries(weights).map(([name, { shape, values }]): Part => [
    5,
    [
      ...shape.map((side): Part => [1, side]),
      [2, types.float],
      [8, name],
      [9, new Uint8Array(Float32Array.from(values).buffer)],
    ],
  ]);
  return message([
    [1, 8],
    [
      7,
      [
        ...nodes.map((one): Part => [1, node(one)]),
        [2, 'g'],
        ...initializers,
        ...inputs.map((value): Part => [11, valueInfo(value)]),
        ...outputs.map((value): Part => [12, valueInfo(value)]),
      ],
    ],
    [
      8,
      [
        [1, ''],
        [2, 13],
      ],
    ],
  ]);
}
