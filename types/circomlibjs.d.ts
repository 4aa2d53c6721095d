declare module 'circomlibjs' {
  /** A Poseidon permutation over BN254 in WebAssembly; elements are opaque until `F.toObject`. */
  export interface Poseidon {
    (inputs: readonly bigint[], initState?: bigint): Uint8Array;
    readonly F: { toObject(element: Uint8Array): bigint };
  }
  export function buildPoseidon(): Promise<Poseidon>;
}
