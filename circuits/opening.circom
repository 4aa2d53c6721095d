pragma circom 2.2.0;

include "templates/trigger-opening.circom";

/**
 * @title Opening
 * @notice The prover knows an image of bytes, a natural class and randomness that open this pair of commitments, and the
 *         committed label is the derived one.
 * @param height, width, channels The image's shape.
 * @param classBits Room for 2^classBits classes.
 * @input sessionHead Public; binds the proof to one session. Any field element.
 * @input triggerCommitment, labelCommitment, index, seed, classes, naturalGiven Public; see TriggerOpening.
 * @input pixels[], natural, r Private.
 */
template Opening(height, width, channels, classBits) {
    signal input sessionHead;
    signal input triggerCommitment;
    signal input labelCommitment;
    signal input index;
    signal input seed;
    signal input classes;
    signal input naturalGiven;
    signal input pixels[height * width * channels];
    signal input natural;
    signal input r;

    component opening = TriggerOpening(height, width, channels, classBits);
    opening.triggerCommitment <== triggerCommitment;
    opening.labelCommitment <== labelCommitment;
    opening.index <== index;
    opening.seed <== seed;
    opening.classes <== classes;
    opening.naturalGiven <== naturalGiven;
    opening.pixels <== pixels;
    opening.natural <== natural;
    opening.r <== r;

    // A public signal that no constraint mentions could be dropped by a compiler.
    signal bound <== sessionHead * sessionHead;
}
