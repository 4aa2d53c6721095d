import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { EnvironmentError } from '../base/index.js';
import { writeFileAtomic } from '../files/index.js';

/**
 * Writes a transcript. A session cannot be repeated, its batch is spent: where the place fails after all, the transcript
 * goes to the system's temporary folder. Throws `EnvironmentError` `file.write` that says where it is then.
 */
export async function keepTranscript(
  path: string,
  transcript: Uint8Array,
  { mode }: { mode?: number } = {},
): Promise<void> {
  try {
    await writeFileAtomic(path, transcript, { exclusive: true, ...(mode && { mode }) });
  } catch (error) {
    const elsewhere = join(tmpdir(), `${randomBytes(4).toString('hex')}-${basename(path)}`);
    await writeFileAtomic(elsewhere, transcript, { exclusive: true, mode: mode ?? 0o644 });
    throw new EnvironmentError({
      code: 'file.write',
      message: `${(error as Error).message}; the transcript was written to ${elsewhere}`,
      hint: `move it to a safe place; \`veilmark verify ${elsewhere}\` shows its verdict`,
      cause: error,
    });
  }
}
