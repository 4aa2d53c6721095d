import { canonical } from '../bytes.js';
import { signedFile, type TwinCommitment } from '../commitment.js';

/** A refused file: what was changed, the code of its error, the bytes. */
export type Change = readonly [name: string, code: string, file: Uint8Array];

/** Makes signed variants of a commitment file, each by one change. */
export function editor({ body, mark }: TwinCommitment) {
  const sign = (json: string): Buffer => signedFile(json, mark.ownerSeed);
  const set = (change: object): Buffer => sign(canonical({ ...body, ...change }));
  return {
    /** Members replaced. */
    set,
    /** The canonical JSON edited as text. */
    text: (edit: (json: string) => string): Buffer => sign(edit(canonical(body))),
    /** One list of strings edited. */
    list: (key: string, edit: (list: string[]) => string[]): Buffer =>
      set({ [key]: edit([...(body[key] as string[])]) }),
    /** The audit's openings edited. */
    audit: (edit: (openings: Record<string, unknown>[]) => Record<string, unknown>[]): Buffer =>
      set({ audit: edit([...(body['audit'] as Record<string, unknown>[])]) }),
    /** The first opening of the audit with members replaced. */
    first: (change: object): Buffer => {
      const [first, ...rest] = body['audit'] as Record<string, unknown>[];
      return set({ audit: [{ ...first, ...change }, ...rest] });
    },
  };
}
