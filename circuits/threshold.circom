pragma circom 2.2.0;

include "templates/bits.circom";
include "templates/salted-value.circom";
include "templates/tags.circom";

/**
 * @title Threshold
 * @notice At least `least` of the committed match bits are 1.
 * @param n Number of match bits, below 2^bits; unused ones are the commitment to 0 with salt 0.
 * @param bits Bits of the count.
 * @input commitments[n] Public.
 * @input least Public. The verifier must enforce 1 <= least <= n: at 0, and just below the field order, anything passes.
 * @input matches[n], salts[n] Private; that each match is a bit is enforced here.
 */
template Threshold(n, bits) {
    assert(n < (1 << bits));
    signal input commitments[n];
    signal input least;
    signal input matches[n];
    signal input salts[n];

    var count = 0;
    component part[n];
    for (var i = 0; i < n; i++) {
        matches[i] * (matches[i] - 1) === 0;
        part[i] = SaltedValue(tagMatch());
        part[i].value <== matches[i];
        part[i].salt <== salts[i];
        part[i].out === commitments[i];
        count += matches[i];
    }
    component surplus = Bits(bits);
    surplus.in <== count - least;
}
