declare module 'snarkjs' {
  /** A path, or bytes in memory; one that is written to gets its `data`. */
  type Place = string | Uint8Array | { readonly type: 'mem'; data?: Uint8Array };
  type File = Place;
  interface Logger {
    debug(message: string): void;
    info(message: string): void;
    warn(message: string): void;
    error(message: string): void;
  }
  /** Coordinates in decimal, projective, as snarkjs writes them. */
  interface Proof {
    readonly pi_a: readonly string[];
    readonly pi_b: readonly (readonly string[])[];
    readonly pi_c: readonly string[];
    readonly protocol: string;
    readonly curve: string;
  }
  interface VerificationKey {
    readonly protocol: string;
    readonly curve: string;
    readonly nPublic: number;
    readonly vk_alpha_1: readonly string[];
    readonly vk_beta_2: readonly (readonly string[])[];
    readonly vk_gamma_2: readonly (readonly string[])[];
    readonly vk_delta_2: readonly (readonly string[])[];
    readonly IC: readonly (readonly string[])[];
  }
  interface Proved {
    readonly proof: Proof;
    readonly publicSignals: readonly string[];
  }
  export const groth16: {
    prove(
      zkey: Place,
      witness: Place,
      logger?: Logger,
      options?: { readonly singleThread: boolean },
    ): Promise<Proved>;
    fullProve(inputs: object, wasm: Place, zkey: Place): Promise<Proved>;
    verify(key: object, publicSignals: readonly string[], proof: object): Promise<boolean>;
  };
  export const zKey: {
    newZKey(r1cs: Place, ptau: Place, zkey: Place, logger?: Logger): Promise<Uint8Array | -1>;
    contribute(
      before: Place,
      after: Place,
      name: string,
      entropy: string | Uint8Array,
      logger?: Logger,
    ): Promise<Uint8Array>;
    beacon(
      before: Place,
      after: Place,
      name: string,
      beacon: string,
      iterationsExponent: number,
      logger?: Logger,
    ): Promise<Uint8Array>;
    verifyFromR1cs(r1cs: Place, ptau: Place, zkey: Place, logger?: Logger): Promise<boolean>;
    verifyFromInit(initial: Place, ptau: Place, zkey: Place, logger?: Logger): Promise<boolean>;
    exportVerificationKey(zkey: Place, logger?: Logger): Promise<VerificationKey>;
  };
  export const powersOfTau: {
    newAccumulator(curve: object, power: number, file: Place, logger?: Logger): Promise<Uint8Array>;
    contribute(
      before: Place,
      after: Place,
      name: string,
      entropy: string | Uint8Array,
      logger?: Logger,
    ): Promise<Uint8Array>;
    beacon(
      before: Place,
      after: Place,
      name: string,
      beacon: string,
      iterationsExponent: number,
      logger?: Logger,
    ): Promise<Uint8Array>;
    preparePhase2(before: Place, after: Place, logger?: Logger): Promise<void>;
    verify(file: Place, logger?: Logger): Promise<boolean>;
  };
  export const curves: {
    getCurveFromName(
      name: string,
      options?: { readonly singleThread: boolean },
    ): Promise<{ terminate(): Promise<void> }>;
  };
  export const wtns: {
    calculate(inputs: object, wasm: Place, witness: Place): Promise<void>;
    check(r1cs: Place, witness: Place, logger?: Logger): Promise<boolean>;
  };
}
