import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto';

import { canonical, frame, taggedHash } from './bytes.js';

const firstLine = Buffer.from('veilmark/sealed/1\n');

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** HChaCha20 (draft-irtf-cfrg-xchacha-03 section 2.2), which OpenSSL lacks. */
export function hchacha20(key: Uint8Array, nonce: Uint8Array): Buffer {
  const start = Buffer.concat([Buffer.from('expand 32-byte k'), key, nonce.subarray(0, 16)]);
  const s = Array.from({ length: 16 }, (_, i) => start.readUInt32LE(4 * i));
  const quarter = (a: number, b: number, c: number, e: number): void => {
    for (const [first, second] of [
      [16, 12],
      [8, 7],
    ] as const) {
      s[a] = (s[a]! + s[b]!) | 0;
      s[e] = rotate(s[e]! ^ s[a], first);
      s[c] = (s[c]! + s[e]) | 0;
      s[b] = rotate(s[b]! ^ s[c], second);
    }
  };
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 4; i++) quarter(i, 4 + i, 8 + i, 12 + i);
    for (let i = 0; i < 4; i++)
      quarter(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
  }
  const out = Buffer.alloc(32);
  [0, 1, 2, 3, 12, 13, 14, 15].forEach((word, i) => out.writeInt32LE(s[word]! | 0, 4 * i));
  return out;
}

interface Encryption {
  readonly passphrase: string;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  readonly logN: number;
}

function cipherParameters({ passphrase, salt, nonce, logN }: Encryption) {
  const input = frame(['veilmark/sealed-key/1', passphrase.normalize('NFC')]);
  const key = scryptSync(input, salt, 32, { N: 2 ** logN, r: 8, p: 1, maxmem: 2 ** 31 - 1 });
  const short = Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]);
  return { key: hchacha20(key, nonce), nonce: short };
}

/** commitment.md, sealed files: encrypted. */
export function sealEncrypted(content: string, bytes: Uint8Array, how: Encryption): Buffer {
  const [salt, nonce] = [how.salt, how.nonce].map((part) => Buffer.from(part).toString('hex'));
  const header = canonical({ cipher: 'xchacha20-poly1305', content, logN: how.logN, nonce, salt });
  const inner = cipherParameters(how);
  const cipher = createCipheriv('chacha20-poly1305', inner.key, inner.nonce, { authTagLength: 16 });
  cipher.setAAD(Buffer.concat([firstLine, Buffer.from(header)]), { plaintextLength: bytes.length });
  const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([firstLine, Buffer.from(`${header}\n`), sealed, cipher.getAuthTag()]);
}

/** Opens what `sealEncrypted` or the product made; throws when the tag does not fit. */
export function unsealEncrypted(file: Uint8Array, passphrase: string): Buffer {
  const all = Buffer.from(file);
  const end = all.indexOf('\n', firstLine.length);
  const header = JSON.parse(all.subarray(firstLine.length, end).toString()) as Record<
    string,
    string
  >;
  const [salt, nonce] = [header['salt']!, header['nonce']!].map((text) => Buffer.from(text, 'hex'));
  const how = { passphrase, salt: salt!, nonce: nonce!, logN: Number(header['logN']) };
  const inner = cipherParameters(how);
  const cipher = createDecipheriv('chacha20-poly1305', inner.key, inner.nonce, {
    authTagLength: 16,
  });
  const body = all.subarray(end + 1, -16);
  cipher.setAAD(all.subarray(0, end), { plaintextLength: body.length });
  cipher.setAuthTag(all.subarray(-16));
  return Buffer.concat([cipher.update(body), cipher.final()]);
}

/** commitment.md, sealed files: plain text. */
export function sealPlain(content: string, bytes: Uint8Array): Buffer {
  const digest = taggedHash('veilmark/sealed-plain/1', [content, bytes]).toString('hex');
  const header = canonical({ cipher: 'none', content, digest });
  return Buffer.concat([firstLine, Buffer.from(`${header}\n`), bytes]);
}
