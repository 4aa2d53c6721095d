/** Where draws come from. */
interface Bytes {
  bytes(length: number): Uint8Array;
}

/** Standard normal draws (Box and Muller 1958). */
export function gaussians(stream: Bytes): () => number {
  const uniform = uniforms(stream);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** Uniform draws in [0, 1) of 32 bits, read from the stream in pieces. */
export function uniforms(stream: Bytes): () => number {
  let view = new DataView<ArrayBufferLike>(new ArrayBuffer(0));
  let at = 0;
  return () => {
    if (at === view.byteLength) {
      const bytes = stream.bytes(4096);
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      at = 0;
    }
    const value = view.getUint32(at) / 2 ** 32;
    at += 4;
    return value;
  };
}
