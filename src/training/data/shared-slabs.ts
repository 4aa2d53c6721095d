const slabSize = 2 ** 24;

/**
 * Gives arrays of the sizes asked for, cut out of large shared buffers: a worker thread gets them without a copy, and there
 * are few buffers to post.
 */
export function sharedSlabs(): (size: number) => Uint8Array {
  let slab = new Uint8Array(new SharedArrayBuffer(0));
  let used = 0;
  return (size) => {
    if (used + size > slab.length) {
      slab = new Uint8Array(new SharedArrayBuffer(Math.max(size, slabSize)));
      used = 0;
    }
    used += size;
    return slab.subarray(used - size, used);
  };
}
