pragma circom 2.2.0;

include "../../node_modules/circomlib/circuits/poseidon.circom";
include "bits.circom";
include "is-zero.circom";
include "low-bits.circom";
include "tags.circom";

/**
 * @title DerivedLabel
 * @notice The label that nobody chose (docs/spec/commitment.md): u = Poseidon(tag, seed, index, r), d = the low 128 bits of u,
 *         label = d mod K where no natural class is given, else v = d mod (K - 1) and v + [v >= natural].
 * @param classBits Room for 2^classBits classes.
 * @input seed, index, r Any field elements.
 * @input classes K, public; the verifier enforces 2 <= K <= 2^classBits, and K >= 3 where natural classes are given.
 * @input naturalGiven Public flag; the verifier enforces that it is 0 or 1. At 0 the natural class must be none, K.
 * @input natural In [0, K], enforced here.
 * @output label In [0, K).
 * @output u The blinding of the label's commitment.
 */
template DerivedLabel(classBits) {
    signal input seed;
    signal input index;
    signal input r;
    signal input classes;
    signal input naturalGiven;
    signal input natural;
    signal output label;
    signal output u;

    component hash = Poseidon(4);
    hash.inputs[0] <== tagLabel();
    hash.inputs[1] <== seed;
    hash.inputs[2] <== index;
    hash.inputs[3] <== r;
    u <== hash.out;
    component low = LowBits128();
    low.in <== u;

    // 0 <= natural <= K.
    component naturalBits = Bits(classBits + 1);
    naturalBits.in <== natural;
    component naturalBound = Bits(classBits + 1);
    naturalBound.in <== classes - natural;
    component none = IsZero();
    none.in <== classes - natural;
    (1 - naturalGiven) * (1 - none.out) === 0;

    // d = quotient * modulus + v, 0 <= v < modulus. With modulus <= 2^classBits and quotient < 2^127 neither side reaches the
    // field order, so the division is unique; with modulus >= 2 every quotient fits.
    signal modulus <== classes - 1 + none.out;
    signal quotient <-- low.out \ modulus;
    signal v <-- low.out % modulus;
    quotient * modulus === low.out - v;
    component quotientBits = Bits(127);
    quotientBits.in <== quotient;
    component vBits = Bits(classBits);
    vBits.in <== v;
    component vBound = Bits(classBits);
    vBound.in <== modulus - 1 - v;

    // v - natural is in (-2^(classBits + 1), 2^(classBits + 1)): shifted up, its top bit says that it is not negative.
    component difference = Bits(classBits + 2);
    difference.in <== v - natural + (1 << (classBits + 1));
    label <== v + difference.out[classBits + 1];
}
