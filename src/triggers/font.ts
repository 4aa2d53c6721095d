import type { Image } from '../base/index.js';

/**
 * A 5 x 7 dot font for captions, so that a picture with text looks the same where no fonts are installed. ASCII 32 to 95
 * in order, seven characters a glyph: each is one row from the top, its five dots as a base-32 digit.
 */
const glyphs =
  '00000004444404aaa0000aavavaa4fke5u4op248j3cik8lid448000024888428422248' + // space ! " # $ % & ' ( )
  '04lel40044v4400000c48000v00000000cc01248g0' + // * + , - . /
  'ehjlphe4c4444eeh1248vv2421he26aiv22vgu11he68guhhev124888ehhehheehhf12c' + // 0 1 2 3 4 5 6 7 8 9
  '0cc0cc00cc0c48248g84200v0v008421248eh12404eh1dlle' + // : ; < = > ? @
  'ehhvhhhuhhuhhuehgggheuhhhhhuvgguggvvggugggehgnhhfhhhvhhhe44444e72222ic' + // A B C D E F G H I J
  'hikokihggggggvhrllhhhhhpljhhehhhhheuhhugggehhhliduhhukihfgge11uv444444' + // K L M N O P Q R S T
  'hhhhhhehhhhha4hhhlllahha4ahhhhha444v1248gv' + // U V W X Y Z
  'e88888e0g84210e22222e4ah0000000000v'; // [ \ ] ^ _

/** Height of a glyph in dots. */
export const glyphHeight = 7;
/** Dots from the start of one glyph to that of the next. */
export const glyphAdvance = 6;

/**
 * Draws one line of text in capitals, each dot `scale` x `scale` pixels of `value` in every channel, with its top left
 * corner at (x, y). What the font lacks is drawn as `?`, what lies outside the picture is not drawn.
 */
export function drawText(
  { shape: { height, width, channels }, pixels }: Image,
  {
    text,
    x,
    y,
    scale,
    value,
  }: { text: string; x: number; y: number; scale: number; value: number },
): void {
  for (const [position, character] of Array.from(text.toUpperCase()).entries()) {
    for (let dotY = 0; dotY < glyphHeight * scale; dotY++) {
      const row = rowOf(character, Math.floor(dotY / scale));
      for (let dotX = 0; dotX < 5 * scale; dotX++) {
        const [toX, toY] = [x + position * glyphAdvance * scale + dotX, y + dotY];
        if ((row & (16 >> Math.floor(dotX / scale))) === 0) continue;
        if (toX < 0 || toX >= width || toY < 0 || toY >= height) continue;
        const at = (toY * width + toX) * channels;
        pixels.fill(value, at, at + channels);
      }
    }
  }
}

/** The five dots of a glyph's row as bits, the left one the highest. */
function rowOf(character: string, row: number): number {
  const code = character.charCodeAt(0) - 32;
  const glyph = code >= 0 && code < 64 && character.length === 1 ? code : 31;
  return parseInt(glyphs.charAt(glyphHeight * glyph + row), 32);
}
