pragma circom 2.2.0;

/**
 * @title IsZero
 * @notice 1 if the input is zero, else 0.
 * @input in Any field element.
 * @output out A bit. `inverse` is free where `in` is zero: it then multiplies zero.
 */
template IsZero() {
    signal input in;
    signal output out;

    signal inverse <-- in != 0 ? 1 / in : 0;
    out <== 1 - in * inverse;
    in * out === 0;
}
