pragma circom 2.2.0;

include "bits.circom";

/**
 * @title Neuron
 * @notice A pre-activation in two parts, acc = q * 2^S + rem, and its ReLU, out = max(q, 0).
 * @param A Bits of the output: q is in [-2^A, 2^A).
 * @param S Bits of the remainder: rem is in [0, 2^S).
 * @input q, rem Field elements; the ranges are enforced here, so that acc has one pair (q, rem).
 * @output acc q * 2^S + rem.
 * @output out max(q, 0).
 * @output packed (q + 2^A) * 2^S + rem, in [0, 2^(A + 1 + S)).
 */
template Neuron(A, S) {
    signal input q;
    signal input rem;
    signal output acc;
    signal output out;
    signal output packed;

    component qBits = Bits(A + 1);
    qBits.in <== q + (1 << A);
    component remBits = Bits(S);
    remBits.in <== rem;

    acc <== q * (1 << S) + rem;
    out <== qBits.out[A] * q;
    packed <== acc + (1 << (A + S));
}
