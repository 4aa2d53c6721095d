pragma circom 2.2.0;

include "templates/neuron.circom";
include "templates/salted-digest.circom";
include "templates/salted-value.circom";
include "templates/tags.circom";

/**
 * @title Neurons
 * @notice The prover knows N pre-activations in range, with these digests, whose part of the random check is the committed
 *         partial sum: sum = offset * (sum of rho^j * acc[j]) - (sum of beta[j] * out[j]).
 * @param N Neurons of a block.
 * @param A, S Bits of an output and of a remainder; see Neuron.
 * @input rho, offset Public: the random point, and its power at which the block begins. The verifier computes both.
 * @input beta[N] Public: the transposed network at rho. The verifier computes it.
 * @input digest Public: salted digest of all (q, rem), fixed before rho.
 * @input sumCommitment Public: commitment to the partial sum.
 * @input q[N], rem[N] Private; ranges are enforced in Neuron.
 * @input digestSalt, sumSalt Private; uniform for hiding, any value for soundness.
 */
template Neurons(N, A, S) {
    signal input rho;
    signal input offset;
    signal input beta[N];
    signal input digest;
    signal input sumCommitment;
    signal input q[N];
    signal input rem[N];
    signal input digestSalt;
    signal input sumSalt;

    var width = A + 1 + S;
    var perLimb = 253 \ width;
    var limbs = (N + perLimb - 1) \ perLimb;

    component neuron[N];
    signal weighted[N];
    var outputs = 0;
    for (var j = 0; j < N; j++) {
        neuron[j] = Neuron(A, S);
        neuron[j].q <== q[j];
        neuron[j].rem <== rem[j];
        weighted[j] <== beta[j] * neuron[j].out;
        outputs += weighted[j];
    }

    // Horner, from the last neuron down.
    signal horner[N];
    horner[N - 1] <== neuron[N - 1].acc;
    for (var j = N - 2; j >= 0; j--) {
        horner[j] <== horner[j + 1] * rho + neuron[j].acc;
    }

    // Every neuron of a limb is range-checked above, and a limb has at most 253 bits: packing is injective.
    component hash = SaltedDigest(tagNeurons(), limbs);
    hash.salt <== digestSalt;
    for (var limb = 0; limb < limbs; limb++) {
        var packed = 0;
        for (var j = 0; j < perLimb && limb * perLimb + j < N; j++) {
            packed += neuron[limb * perLimb + j].packed * (1 << (width * j));
        }
        hash.values[limb] <== packed;
    }
    hash.out === digest;

    component sum = SaltedValue(tagPartialSum());
    sum.value <== offset * horner[0] - outputs;
    sum.salt <== sumSalt;
    sum.out === sumCommitment;
}
