pragma circom 2.2.0;

include "templates/salted-value.circom";
include "templates/tags.circom";

/**
 * @title Fold
 * @notice The new commitment holds the sum of what the old ones hold.
 * @param n Number of partial sums; unused ones are the commitment to 0 with salt 0.
 * @input commitments[n], total Public.
 * @input sums[n], salts[n], totalSalt Private; any field elements.
 */
template Fold(n) {
    signal input commitments[n];
    signal input total;
    signal input sums[n];
    signal input salts[n];
    signal input totalSalt;

    var all = 0;
    component part[n];
    for (var i = 0; i < n; i++) {
        part[i] = SaltedValue(tagPartialSum());
        part[i].value <== sums[i];
        part[i].salt <== salts[i];
        part[i].out === commitments[i];
        all += sums[i];
    }
    component whole = SaltedValue(tagPartialSum());
    whole.value <== all;
    whole.salt <== totalSalt;
    whole.out === total;
}
