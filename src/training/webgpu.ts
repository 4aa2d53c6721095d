/** Starts WebGPU. */
export function startWebGpu(options: { software: boolean }): Promise<string | undefined> {
  return Promise.resolve(options.software ? undefined : undefined);
}
