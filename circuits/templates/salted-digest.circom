pragma circom 2.2.0;

include "hash-many.circom";

/**
 * @title SaltedDigest
 * @notice hashMany(tag, [salt, values...]): hides the values as long as the salt is uniform and secret.
 * @param tag Domain tag.
 * @param n Number of values.
 * @input values[n], salt Any field elements.
 * @output out The digest.
 */
template SaltedDigest(tag, n) {
    signal input values[n];
    signal input salt;
    signal output out;

    component hash = HashMany(tag, n + 1);
    hash.in[0] <== salt;
    for (var i = 0; i < n; i++) {
        hash.in[i + 1] <== values[i];
    }
    out <== hash.out;
}
