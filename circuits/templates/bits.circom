pragma circom 2.2.0;

/**
 * @title Bits
 * @notice Fixes the bits of a number and proves that it is in [0, 2^n).
 * @param n Number of bits, 1 to 253: more could wrap around the field order.
 * @input in Any field element; the range is enforced here.
 * @output out[n] The bits, least significant first.
 */
template Bits(n) {
    assert(n >= 1 && n <= 253);
    signal input in;
    signal output out[n];

    var sum = 0;
    for (var i = 0; i < n; i++) {
        out[i] <-- (in >> i) & 1;
        out[i] * (out[i] - 1) === 0;
        sum += out[i] * (1 << i);
    }
    sum === in;
}
