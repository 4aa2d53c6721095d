pragma circom 2.2.0;

include "bits.circom";
include "one-hot.circom";

/**
 * @title LargestLogit
 * @notice If match is 1, the label's logit is the largest, and of equal ones the first: for every k
 *         logit[label] - logit[k] - [k < label] is in [0, 2^B).
 * @param n Number of logits.
 * @param B Bits of a difference; soundness needs every true difference below 2^B, which the reader of a network checks.
 * @input match A bit; the caller enforces it.
 * @input label In [0, n), enforced here.
 * @input logits[n] Field elements; where match is 0 nothing is asked of them.
 */
template LargestLogit(n, B) {
    signal input match;
    signal input label;
    signal input logits[n];

    component hot = OneHot(n);
    hot.index <== label;
    signal chosen[n];
    var logit = 0;
    for (var k = 0; k < n; k++) {
        chosen[k] <== hot.out[k] * logits[k];
        logit += chosen[k];
    }

    component margin[n];
    var after = 1; // [k < label] = 1 - sum of the unit vector up to and including k
    for (var k = 0; k < n; k++) {
        after -= hot.out[k];
        margin[k] = Bits(B);
        margin[k].in <== match * (logit - logits[k] - after);
    }
}
