pragma circom 2.2.0;

include "../../node_modules/circomlib/circuits/poseidon.circom";

/**
 * @title SaltedValue
 * @notice Poseidon(tag, value, salt): commits to one field element.
 * @param tag Domain tag.
 * @input value, salt Any field elements.
 * @output out The commitment.
 */
template SaltedValue(tag) {
    signal input value;
    signal input salt;
    signal output out;

    component hash = Poseidon(3);
    hash.inputs[0] <== tag;
    hash.inputs[1] <== value;
    hash.inputs[2] <== salt;
    out <== hash.out;
}
