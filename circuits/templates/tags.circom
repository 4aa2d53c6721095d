pragma circom 2.2.0;

// Domain tags: ASCII strings of at most 31 bytes, read as big-endian integers (docs/spec/encodings.md). A test compares
// each with the TypeScript function `tagToField`.

// "veilmark/image/1"
function tagImage() {
    return 157375463728833697761100064411338747697;
}

// "veilmark/trigger/1"
function tagTrigger() {
    return 10313758390932845216471657097986086477639473;
}

// "veilmark/label/1"
function tagLabel() {
    return 157375463728833697761100895646391217969;
}

// "veilmark/label-commitment/1"
function tagLabelCommitment() {
    return 48705346937756831583050792377188094769031201452244714107604053809;
}

// "veilmark/neurons/1"
function tagNeurons() {
    return 10313758390932845216471545484162750586498865;
}

// "veilmark/logits/1"
function tagLogits() {
    return 40288118714581426626841833231640702431025;
}

// "veilmark/partial-sum/1"
function tagPartialSum() {
    return 44297254987902153136975485583823044608648805098532657;
}

// "veilmark/match/1"
function tagMatch() {
    return 157375463728833697761101177198643523377;
}
