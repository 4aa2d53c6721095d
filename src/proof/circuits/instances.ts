import { readFileSync } from 'node:fs';

import { type Static, Type } from 'typebox';

import { checkSchema, InputError } from '../../base/index.js';
import { packagePath } from '../../files/index.js';

const Entry = Type.Object(
  {
    circuit: Type.Union([
      Type.Literal('opening'),
      Type.Literal('neurons'),
      Type.Literal('classification'),
      Type.Literal('fold'),
      Type.Literal('threshold'),
    ]),
    /** As the template in `circuits/` lists them. */
    parameters: Type.Array(Type.Integer({ minimum: 1, maximum: 2 ** 20 }), { minItems: 1 }),
    /** What a session over 28x28x1 images and up to 16 classes needs; compiled when the project is installed. */
    default: Type.Optional(Type.Boolean()),
    /** For tests alone. */
    tiny: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

/** A circuit with its parameters: an entry of `circuits/circuits.json`. */
export interface Instance extends Static<typeof Entry> {
  readonly name: string;
}

/** All instances. Throws `InputError` `circuit.list` where the file is damaged. */
export function listInstances(): Instance[] {
  const entries = checkSchema({
    value: JSON.parse(readFileSync(packagePath('circuits', 'circuits.json'), 'utf8')) as unknown,
    schema: Type.Record(Type.String(), Entry),
    what: 'circuits/circuits.json',
    code: 'circuit.list',
  });
  return Object.entries(entries).map(([name, entry]) => ({ name, ...entry }));
}

/** The instance of a name. Throws `InputError` `circuit.unknown`. */
export function findInstance(name: string): Instance {
  const instances = listInstances();
  const found = instances.find((instance) => instance.name === name);
  if (found) return found;
  throw new InputError({
    code: 'circuit.unknown',
    message: `there is no circuit ${JSON.stringify(name.slice(0, 100))}`,
    hint: `choose one of ${instances.map((instance) => instance.name).join(', ')}`,
  });
}
