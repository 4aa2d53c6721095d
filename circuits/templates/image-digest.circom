pragma circom 2.2.0;

include "bits.circom";
include "hash-many.circom";
include "tags.circom";

/**
 * @title ImageDigest
 * @notice The digest of an image of bytes, as in docs/spec/commitment.md.
 * @param height, width, channels The shape; height * width * channels pixels, row by row, channels innermost.
 * @input pixels[] Each in [0, 256), enforced here.
 * @output out imageDigest.
 */
template ImageDigest(height, width, channels) {
    var count = height * width * channels;
    var limbs = (count + 30) \ 31;
    signal input pixels[count];
    signal output out;

    component bytes[count];
    component hash = HashMany(tagImage(), 3 + limbs);
    hash.in[0] <== height;
    hash.in[1] <== width;
    hash.in[2] <== channels;
    // 31 bytes of 8 bits are 248 bits: a limb is below the field order, and its bytes are unique.
    for (var limb = 0; limb < limbs; limb++) {
        var packed = 0;
        for (var j = 0; j < 31 && 31 * limb + j < count; j++) {
            var at = 31 * limb + j;
            bytes[at] = Bits(8);
            bytes[at].in <== pixels[at];
            packed += pixels[at] * (1 << (8 * j));
        }
        hash.in[3 + limb] <== packed;
    }
    out <== hash.out;
}
