pragma circom 2.2.0;

include "bits.circom";

/**
 * @title LowBits128
 * @notice The low 128 bits, as a number, of the canonical form of a field element.
 * @dev With p = H * 2^128 + L, an element whose high part is at most H - 1 is below p, so its decomposition is unique. A
 *      hash whose high part is exactly H, one in 2^128, cannot be proven; it is never proven wrongly.
 *      126 + 126 + 128 constraints, against 516 for a comparison with all 254 bits of p.
 * @input in Any field element.
 * @output out In [0, 2^128), enforced here.
 */
template LowBits128() {
    signal input in;
    signal output out;

    // floor(p / 2^128) of the BN254 scalar field.
    var top = 0x30644e72e131a029b85045b68181585d;
    signal high <-- in >> 128;
    out <-- in & ((1 << 128) - 1);
    in === high * (1 << 128) + out;

    component outBits = Bits(128);
    outBits.in <== out;
    component highBits = Bits(126);
    highBits.in <== high;
    component highBound = Bits(126);
    highBound.in <== top - 1 - high;
}
