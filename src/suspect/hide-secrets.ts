import { bytesToHex } from '../base/index.js';
import { taggedHash } from '../crypto/hash.js';

/** What is secret in an exchange besides the headers that always are. */
export interface Secrets {
  /** Names of further headers and URL parameters with secrets, in any case. */
  readonly secretNames?: readonly string[] | undefined;
  /** Drawn for the session: who has it can show later which secret a digest stands for. */
  readonly salt?: Uint8Array | undefined;
}

const secretName =
  /auth|bearer|cookie|token|secret|passw|pwd|credential|signature|^sig$|session|subscription|key$|key-?_?id$/i;

/**
 * Headers or URL parameters with the values of secret ones replaced by `secret SHA-256`, salted; without a salt by the
 * word alone, since a short secret could be guessed from its digest.
 */
export function hideSecrets(
  headers: Readonly<Record<string, string>>,
  { secretNames = [], salt }: Secrets,
): Record<string, string> {
  const listed = new Set(secretNames.map((name) => name.toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const isSecret = secretName.test(name) || listed.has(name.toLowerCase());
      return [name.toLowerCase(), isSecret ? secretDigest(value, salt) : value];
    }),
  );
}

function secretDigest(value: string, salt: Uint8Array | undefined): string {
  if (salt === undefined) return 'secret';
  return `secret ${bytesToHex(taggedHash('veilmark/query-secret/1', [salt, value.toWellFormed()]))}`;
}

/** An address with the values of its secret parameters replaced. */
export function hideUrlSecrets(url: URL, secrets: Secrets): string {
  const shown = new URL(url);
  const hidden = hideSecrets(Object.fromEntries(url.searchParams), secrets);
  for (const [name, value] of url.searchParams) {
    const replaced = hidden[name.toLowerCase()];
    if (replaced !== undefined && replaced !== value) shown.searchParams.set(name, replaced);
  }
  return shown.href;
}
