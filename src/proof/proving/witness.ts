import { EvidenceError, InputError } from '../../base/index.js';
import { fieldOrder, isFieldElement } from '../../crypto/index.js';

/** Values of a circuit's inputs, each signal's or each array's in row-major order. Secret unless public by the circuit. */
export type CircuitInputs = Readonly<Record<string, bigint | readonly bigint[]>>;

/** What circom's generated WebAssembly offers (circom 2 runtime). Numbers pass through eight shared words. */
interface Runtime {
  init(sanityCheck: number): void;
  getInputSize(): number;
  getInputSignalSize(hashHigh: number, hashLow: number): number;
  setInputSignal(hashHigh: number, hashLow: number, place: number): void;
  getWitnessSize(): number;
  getWitness(signal: number): void;
  readSharedRWMemory(word: number): number;
  writeSharedRWMemory(word: number, value: number): void;
}

const words = 8;

/** Computes witnesses of one circuit, in memory. */
export class WitnessCalculator {
  readonly #module: WebAssembly.Module;

  private constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  /** Throws `InputError` `circuit.wasm` for bytes that are no circuit's WebAssembly. */
  static async load(wasm: Uint8Array): Promise<WitnessCalculator> {
    try {
      const module = await WebAssembly.compile(new Uint8Array(wasm));
      const names = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
      if (!names.has('getWitness')) throw new Error('it is no circuit');
      return new WitnessCalculator(module);
    } catch (cause) {
      throw new InputError({
        code: 'circuit.wasm',
        message: 'the file with the circuit’s program is damaged',
        hint: 'compile the circuits again: npm run circuits',
        cause,
      });
    }
  }

  /**
   * All signals, 32 little-endian bytes each, the constant 1 first. A fresh instance each time: no witness stays behind in
   * another's memory. Throws `InputError` `circuit.inputs` for inputs that are not the circuit's, `EvidenceError`
   * `circuit.unsatisfied` where no witness exists: the statement is false.
   */
  async calculate(inputs: CircuitInputs): Promise<Uint8Array> {
    const runtime = await this.#start();
    let given = 0;
    for (const [name, value] of Object.entries(inputs)) {
      const list = typeof value === 'bigint' ? [value] : value;
      const [high, low] = fnv1a(name);
      const size = runtime.getInputSignalSize(high, low);
      if (size !== list.length) {
        throw refusal(`input ${name} has ${list.length} values, the circuit takes ${size}`);
      }
      given += size;
      if (given > runtime.getInputSize()) throw refusal('there are too many inputs');
      for (const [place, element] of list.entries()) {
        if (!isFieldElement(element)) throw refusal(`input ${name}[${place}] is no field element`);
        for (let word = 0; word < words; word++) {
          const bits = Number(BigInt.asUintN(32, element >> BigInt(32 * word)));
          runtime.writeSharedRWMemory(word, bits);
        }
        try {
          // The last input starts the computation.
          runtime.setInputSignal(high, low, place);
        } catch (cause) {
          throw new EvidenceError({
            code: 'circuit.unsatisfied',
            message:
              'what should be proven is false: these inputs satisfy no witness of the circuit',
            cause,
          });
        }
      }
    }
    if (given !== runtime.getInputSize()) {
      throw refusal(`there are ${given} inputs, the circuit takes ${runtime.getInputSize()}`);
    }
    return readWitness(runtime);
  }

  async #start(): Promise<Runtime> {
    const nothing = (): void => undefined;
    const { exports } = await WebAssembly.instantiate(this.#module, {
      runtime: {
        exceptionHandler: (code: number) => {
          throw new Error(`circom runtime error ${code}`);
        },
        printErrorMessage: nothing,
        writeBufferMessage: nothing,
        showSharedRWMemory: nothing,
      },
    });
    const runtime = exports as unknown as Runtime;
    runtime.init(0);
    return runtime;
  }
}

function readWitness(runtime: Runtime): Uint8Array {
  const count = runtime.getWitnessSize();
  const bytes = new Uint8Array(4 * words * count);
  const view = new DataView(bytes.buffer);
  for (let signal = 0; signal < count; signal++) {
    runtime.getWitness(signal);
    for (let word = 0; word < words; word++) {
      view.setUint32(4 * (words * signal + word), runtime.readSharedRWMemory(word), true);
    }
  }
  return bytes;
}

/** The witness as circom's wtns file, version 2, which snarkjs and rapidsnark read. */
export function encodeWitness(signals: Uint8Array): Uint8Array {
  const file = new Uint8Array(12 + 12 + 40 + 12 + signals.length);
  const view = new DataView(file.buffer);
  const u32 = (at: number, ...values: number[]): void => {
    values.forEach((value, i) => {
      view.setUint32(at + 4 * i, value, true);
    });
  };
  u32(0, 0x736e7477, 2, 2);
  u32(12, 1, 40, 0, 4 * words);
  for (let i = 0; i < 32; i++) file[28 + i] = Number((fieldOrder >> BigInt(8 * i)) & 0xffn);
  u32(60, signals.length / (4 * words));
  u32(64, 2);
  view.setBigUint64(68, BigInt(signals.length), true);
  file.set(signals, 76);
  return file;
}

/** FNV-1a of 64 bits, by which circom names inputs. */
function fnv1a(text: string): [high: number, low: number] {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return [Number(hash >> 32n), Number(BigInt.asUintN(32, hash))];
}

function refusal(message: string): InputError {
  return new InputError({
    code: 'circuit.inputs',
    message,
    hint: 'the circuit was compiled for another shape, or from other sources',
  });
}
