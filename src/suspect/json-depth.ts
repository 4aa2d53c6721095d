/** Deepest nesting of an answer that is read. */
export const mostNesting = 64;

/** Whether JSON opens more than `mostNesting` lists and objects within each other; looks at the bytes alone. */
export function isTooDeep(json: Uint8Array): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (inText) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) inText = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > mostNesting) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
}
