import { hideSecrets, type Secrets } from './hide-secrets.js';

/** Shorter values stand in honest answers by chance. */
const leastLength = 8;

/** What of an exchange must not come back into its record: the values of secret headers and parameters, as they may be written. */
export function sentSecrets(
  url: URL,
  headers: Readonly<Record<string, string>>,
  secrets: Secrets,
): string[] {
  const sent = [...Object.entries(headers), ...url.searchParams];
  const values = sent
    .filter(([name]) => hideSecrets({ [name]: ' ' }, secrets)[name.toLowerCase()] !== ' ')
    // Of `Bearer KEY` a server may send the key alone.
    .flatMap(([, value]) => [value, value.split(' ').at(-1) ?? '']);
  const spellings = values.flatMap((value) => [
    value,
    value.replaceAll('/', '\\/'),
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
  ]);
  return [...new Set(spellings)].filter((spelling) => spelling.length >= leastLength);
}

/** Response headers, with the values of those in which a secret comes back replaced by a word. */
export function withoutEcho(
  headers: Readonly<Record<string, string>>,
  sent: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      sent.some((secret) => value.includes(secret)) ? 'secret' : value,
    ]),
  );
}

/** Where the first of these comes back in a body; its length where none does. */
export function echoIn(body: Uint8Array, sent: readonly string[]): number {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const places = sent.map((secret) => bytes.indexOf(secret)).filter((place) => place >= 0);
  return Math.min(body.length, ...places);
}
