import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { Header, type HeaderData } from 'tar';

import { concatBytes, image, parseShape, sizeOf, utf8ToBytes } from '../../src/base/index.js';
import { encodePng } from '../../src/files/index.js';

/** A PNG file of one grey. */
export function png(value: number, shape = '4x4x1'): Promise<Uint8Array> {
  const size = parseShape(shape);
  return encodePng(image(size, new Uint8Array(sizeOf(size)).fill(value)));
}

/** Writes a file into folders that are made as needed. */
export async function put(path: string, data: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, data);
}

export interface TarEntry extends HeaderData {
  readonly path: string;
  readonly data?: Uint8Array | string;
}

/** A tar file of entries as they come, also of such as no program packs. A path that ends in `/` is a folder's. */
export function tar(entries: readonly TarEntry[]): Uint8Array {
  return concatBytes(...entries.flatMap(blocks), new Uint8Array(1024));
}

function blocks({ data = '', ...rest }: TarEntry): Uint8Array[] {
  const bytes = typeof data === 'string' ? utf8ToBytes(data) : data;
  const type = rest.path.endsWith('/') ? 'Directory' : 'File';
  const header = new Uint8Array(512);
  const block = Buffer.from(header.buffer);
  new Header({ type, mode: 0o644, size: bytes.length, ...rest }).encode(block);
  return [header, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512)];
}
