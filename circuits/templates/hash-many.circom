pragma circom 2.2.0;

include "../../node_modules/circomlib/circuits/poseidon.circom";

/**
 * @title HashMany
 * @notice hashMany(tag, in) of docs/spec/encodings.md: state = Poseidon(tag, n), then state = Poseidon(state, block) for each
 *         block of 15, the last one padded with zeros.
 * @param tag Domain tag.
 * @param n Number of elements, at least 1.
 * @input in[n] Any field elements.
 * @output out The hash.
 */
template HashMany(tag, n) {
    signal input in[n];
    signal output out;

    var blocks = (n + 14) \ 15;
    component start = Poseidon(2);
    start.inputs[0] <== tag;
    start.inputs[1] <== n;

    component hash[blocks];
    for (var i = 0; i < blocks; i++) {
        hash[i] = Poseidon(16);
        if (i == 0) {
            hash[i].inputs[0] <== start.out;
        } else {
            hash[i].inputs[0] <== hash[i - 1].out;
        }
        for (var j = 0; j < 15; j++) {
            if (15 * i + j < n) {
                hash[i].inputs[j + 1] <== in[15 * i + j];
            } else {
                hash[i].inputs[j + 1] <== 0;
            }
        }
    }
    out <== hash[blocks - 1].out;
}
