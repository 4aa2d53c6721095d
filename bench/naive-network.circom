pragma circom 2.2.0;

include "../node_modules/circomlib/circuits/bitify.circom";
include "../node_modules/circomlib/circuits/sign.circom";

/**
 * The straightforward circuit of a network, as public circom libraries write it: each multiplication of a weight and an
 * activation is a constraint, and a ReLU takes its argument's 254 bits and compares them with p/2. Only for `npm run bench
 * white-box`: it rounds nothing, hides no label, and does not say which logit is the largest.
 */
template NaiveRelu() {
    signal input in;
    signal output out;

    component bits = Num2Bits(254);
    bits.in <== in;
    component sign = Sign();
    sign.in <== bits.out;
    out <== (1 - sign.sign) * in;
}

template NaiveDense(inputs, outputs) {
    signal input in[inputs];
    signal input weights[inputs][outputs];
    signal input bias[outputs];
    signal output out[outputs];

    signal products[inputs][outputs];
    for (var o = 0; o < outputs; o++) {
        var sum = bias[o];
        for (var i = 0; i < inputs; i++) {
            products[i][o] <== in[i] * weights[i][o];
            sum += products[i][o];
        }
        out[o] <== sum;
    }
}

/**
 * @title NaiveNetwork
 * @notice A dense layer with ReLU and a dense layer, any weights; they may be public or private inputs.
 */
template NaiveNetwork(pixels, hidden, classes) {
    signal input image[pixels];
    signal input weights1[pixels][hidden];
    signal input bias1[hidden];
    signal input weights2[hidden][classes];
    signal input bias2[classes];
    signal output logits[classes];

    component first = NaiveDense(pixels, hidden);
    first.in <== image;
    first.weights <== weights1;
    first.bias <== bias1;
    component relu[hidden];
    component second = NaiveDense(hidden, classes);
    for (var h = 0; h < hidden; h++) {
        relu[h] = NaiveRelu();
        relu[h].in <== first.out[h];
        second.in[h] <== relu[h].out;
    }
    second.weights <== weights2;
    second.bias <== bias2;
    logits <== second.out;
}

/**
 * @title NaiveFixedNetwork
 * @notice The same with its weights compiled in, arbitrary numbers here: products with constants cost nothing, but the circuit
 *         and its keys are of this one network.
 */
template NaiveFixedNetwork(pixels, hidden, classes) {
    signal input image[pixels];
    signal output logits[classes];

    component relu[hidden];
    for (var h = 0; h < hidden; h++) {
        var sum = 0;
        for (var i = 0; i < pixels; i++) sum += ((i * 31 + h * 17) % 255 - 127) * image[i];
        relu[h] = NaiveRelu();
        relu[h].in <== sum;
    }
    for (var k = 0; k < classes; k++) {
        var sum = 0;
        for (var h = 0; h < hidden; h++) sum += ((h * 13 + k * 41) % 255 - 127) * relu[h].out;
        logits[k] <== sum;
    }
}
