pragma circom 2.2.0;

include "../../node_modules/circomlib/circuits/poseidon.circom";
include "derived-label.circom";
include "image-digest.circom";
include "tags.circom";

/**
 * @title TriggerOpening
 * @notice A pair of commitments opens to an image of bytes and to its derived label.
 * @param height, width, channels The image's shape.
 * @param classBits Room for 2^classBits classes.
 * @input triggerCommitment, labelCommitment, index, seed, classes, naturalGiven As in the commitment file; see DerivedLabel for
 *        the ranges that the verifier enforces.
 * @input pixels[], natural, r The secret opening. Ranges are enforced here; r is any field element.
 * @output label The committed label, in [0, classes).
 */
template TriggerOpening(height, width, channels, classBits) {
    signal input triggerCommitment;
    signal input labelCommitment;
    signal input index;
    signal input seed;
    signal input classes;
    signal input naturalGiven;
    signal input pixels[height * width * channels];
    signal input natural;
    signal input r;
    signal output label;

    component digest = ImageDigest(height, width, channels);
    digest.pixels <== pixels;
    component trigger = Poseidon(4);
    trigger.inputs[0] <== tagTrigger();
    trigger.inputs[1] <== digest.out;
    trigger.inputs[2] <== natural;
    trigger.inputs[3] <== r;
    trigger.out === triggerCommitment;

    component derived = DerivedLabel(classBits);
    derived.seed <== seed;
    derived.index <== index;
    derived.r <== r;
    derived.classes <== classes;
    derived.naturalGiven <== naturalGiven;
    derived.natural <== natural;
    label <== derived.label;

    component committed = Poseidon(3);
    committed.inputs[0] <== tagLabelCommitment();
    committed.inputs[1] <== label;
    committed.inputs[2] <== derived.u;
    committed.out === labelCommitment;
}
