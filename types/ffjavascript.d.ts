declare module 'ffjavascript' {
  /** The part of a curve engine that is used here. */
  export interface Curve {
    readonly tm: {
      /** WebAssembly of the field and curve arithmetic; imports `env.memory`. */
      readonly code: Uint8Array;
      /** First byte that the code leaves free. */
      readonly initalPFree: number;
      /** Generators, in Jacobian coordinates and Montgomery form. */
      readonly pG1gen: number;
      readonly pG2gen: number;
    };
    terminate(): Promise<void>;
  }
  export function buildBn128(singleThread: true): Promise<Curve>;
}
