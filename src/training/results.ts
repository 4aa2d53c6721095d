/** For each row of `logits` (labels.length × classes) 1 if its largest logit, the first of equal ones, is the label's. */
export function classified(logits: Float32Array, labels: Int32Array): Uint8Array {
  const classes = logits.length / labels.length;
  return Uint8Array.from(labels, (label, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    const wanted = scores[label] ?? NaN;
    return scores.every((score, k) => (k < label ? score < wanted : score <= wanted)) ? 1 : 0;
  });
}
