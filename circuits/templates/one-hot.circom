pragma circom 2.2.0;

/**
 * @title OneHot
 * @notice The unit vector of an index.
 * @param n Length.
 * @input index A field element; that it is in [0, n) is enforced here.
 * @output out[n] 1 at the index, 0 elsewhere.
 */
template OneHot(n) {
    signal input index;
    signal output out[n];

    var sum = 0;
    var position = 0;
    for (var i = 0; i < n; i++) {
        out[i] <-- index == i ? 1 : 0;
        out[i] * (out[i] - 1) === 0;
        sum += out[i];
        position += i * out[i];
    }
    sum === 1;
    position === index;
}
