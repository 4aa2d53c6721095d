pragma circom 2.2.0;

include "templates/largest-logit.circom";
include "templates/salted-digest.circom";
include "templates/salted-value.circom";
include "templates/tags.circom";
include "templates/trigger-opening.circom";

/**
 * @title Classification
 * @notice The pair of commitments opens; and if the committed match bit is 1, the random check closes over all committed
 *         neurons, logits and pixels, and the network's largest logit is the committed label's.
 * @param height, width, channels The image's shape.
 * @param classBits Room for 2^classBits classes and logits.
 * @param slots Partial sums; unused slots hold the commitment to 0 with salt 0.
 * @param B Bits of a difference of logits.
 * @input triggerCommitment, labelCommitment, index, seed, classes, naturalGiven Public; see TriggerOpening.
 * @input pixelBeta[], powers[], constant Public: the random check's coefficients of pixels and logits and what it must give.
 *        The verifier computes them from public weights.
 * @input logitsDigest Public: salted digest of the logits, fixed before the random point.
 * @input sumCommitments[slots], matchCommitment Public.
 * @input pixels[], natural, r, match, logits[], logitsSalt, sums[], sumSalts[], matchSalt Private. That match is a bit is
 *        enforced here.
 */
template Classification(height, width, channels, classBits, slots, B) {
    var count = height * width * channels;
    var K = 1 << classBits;
    signal input triggerCommitment;
    signal input labelCommitment;
    signal input index;
    signal input seed;
    signal input classes;
    signal input naturalGiven;
    signal input pixelBeta[count];
    signal input powers[K];
    signal input constant;
    signal input logitsDigest;
    signal input sumCommitments[slots];
    signal input matchCommitment;
    signal input pixels[count];
    signal input natural;
    signal input r;
    signal input match;
    signal input logits[K];
    signal input logitsSalt;
    signal input sums[slots];
    signal input sumSalts[slots];
    signal input matchSalt;

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

    match * (match - 1) === 0;
    component matched = SaltedValue(tagMatch());
    matched.value <== match;
    matched.salt <== matchSalt;
    matched.out === matchCommitment;

    component digest = SaltedDigest(tagLogits(), K);
    digest.values <== logits;
    digest.salt <== logitsSalt;
    digest.out === logitsDigest;

    // The random check: sums + powers * logits - beta * pixels = constant.
    var total = 0;
    component sum[slots];
    for (var i = 0; i < slots; i++) {
        sum[i] = SaltedValue(tagPartialSum());
        sum[i].value <== sums[i];
        sum[i].salt <== sumSalts[i];
        sum[i].out === sumCommitments[i];
        total += sums[i];
    }
    signal logitTerms[K];
    for (var k = 0; k < K; k++) {
        logitTerms[k] <== powers[k] * logits[k];
        total += logitTerms[k];
    }
    signal pixelTerms[count];
    for (var i = 0; i < count; i++) {
        pixelTerms[i] <== pixelBeta[i] * pixels[i];
        total -= pixelTerms[i];
    }
    match * (total - constant) === 0;

    component largest = LargestLogit(K, B);
    largest.match <== match;
    largest.label <== opening.label;
    largest.logits <== logits;
}
