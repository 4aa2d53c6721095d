import { bytesToHex, concatBytes, utf8ToBytes } from '../../base/index.js';
import { taggedHash } from '../../crypto/hash.js';

/** A form with one PNG file and text fields (RFC 7578); names are letters, digits and `_ . -`. */
export function multipartForm({
  file,
  fields,
  png,
}: {
  /** Name of the file's field. */
  file: string;
  fields: Readonly<Record<string, string>>;
  png: Uint8Array;
}): { body: Uint8Array; contentType: string } {
  // The boundary depends on everything that it bounds, so that no part can hold it.
  const texts = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = taggedHash('veilmark/multipart/1', [file, ...texts.flat(), png]);
  const boundary = `veilmark-${bytesToHex(digest.slice(0, 20))}`;
  const head = (disposition: string): Uint8Array =>
    utf8ToBytes(`--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n`);
  const end = utf8ToBytes('\r\n');
  const parts = texts.map(([name, value]) =>
    concatBytes(head(`name="${name}"`), end, utf8ToBytes(value), end),
  );
  const body = concatBytes(
    ...parts,
    head(`name="${file}"; filename="image.png"`),
    utf8ToBytes('content-type: image/png\r\n\r\n'),
    png,
    utf8ToBytes(`\r\n--${boundary}--\r\n`),
  );
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}
