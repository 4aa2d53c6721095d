import type { Options } from 'yargs';

import { InputError } from '../base/index.js';
import type { Commitment } from '../commitment/index.js';
import type { KeyPair } from '../crypto/index.js';
import type { Channel } from '../protocol/index.js';
import { connectWebSocket, isLoopback, type TlsParty } from '../transport/index.js';
import type { PassphraseArguments } from './passphrase.js';
import { note } from './terminal.js';
import { readTlsFile, tlsFile } from './tls-file.js';

const connectSeconds = 20;

/** The option of `prove` and `judge` for a line without TLS. */
export const plainLineOption = {
  plain: {
    type: 'boolean',
    default: false,
    describe: 'No TLS: whoever is on the way reads the openings [only on this machine’s loopback]',
  },
} as const satisfies Record<string, Options>;

interface LineArguments extends Omit<PassphraseArguments, 'plain'> {
  readonly key: string;
  readonly plain: boolean;
}

/** Opens lines to the prover, for messages of at most so many bytes. */
export type Dial = (maxMessage: number) => Promise<Channel>;

/** TLS for a prover that listens on `host`, or nothing for a plain line. Throws `InputError` `usage.plain`, `tls.*`. */
export async function listeningLine(
  args: LineArguments & { readonly host: string; readonly pins: TlsParty['pins'] },
  identity: KeyPair,
): Promise<TlsParty | undefined> {
  const { host, plain, key, pins } = args;
  if (!plain) {
    const credentials = await readTlsFile(key, identity, args);
    if (credentials) return { identity, credentials, pins, now: () => new Date() };
    if (!isLoopback(host)) {
      throw new InputError({
        code: 'usage.plain',
        message: `on ${host} whoever is on the way could read the openings, and there is no ${tlsFile(key)}`,
        hint: `make it with \`veilmark keygen --tls-only ${key}\`, or say --plain`,
      });
    }
  } else if (!isLoopback(host)) warn();
  return undefined;
}

/** How to reach the prover of a commitment: with TLS its owner is pinned. Throws `InputError` `usage.plain`, `tls.*`. */
export async function dialLine(
  args: LineArguments & { readonly prover: string },
  identity: KeyPair,
  { owner }: Commitment,
): Promise<Dial> {
  const { prover, key } = args;
  checkPlain(args);
  const isSecure = new URL(prover).protocol === 'wss:';
  const credentials = isSecure ? await readTlsFile(key, identity, args) : undefined;
  if (isSecure && !credentials) {
    throw new InputError({
      code: 'tls.missing',
      message: `${prover} speaks TLS, and there is no ${tlsFile(key)}`,
      hint: `make it with \`veilmark keygen --tls-only ${key}\``,
    });
  }
  const tls = credentials && { identity, credentials, pins: [owner], now: () => new Date() };
  return (maxMessage) => connectWebSocket(prover, { maxMessage, seconds: connectSeconds, tls });
}

/** Whether a judge may use this address. Throws `InputError` `usage.plain`. */
function checkPlain({ prover, plain }: { prover: string; plain: boolean }): void {
  const { protocol, hostname } = new URL(prover);
  if (protocol === 'wss:' && plain) {
    throw new InputError({
      code: 'usage.plain',
      message: `--plain is given, and ${prover} speaks TLS`,
      hint: 'leave --plain out',
    });
  }
  if (protocol === 'wss:' || isLoopback(hostname)) return;
  if (plain) {
    warn();
    return;
  }
  throw new InputError({
    code: 'usage.plain',
    message: `on the way to ${hostname} whoever listens could read the openings`,
    hint: 'use the wss:// address that `veilmark prove` prints, or say --plain',
  });
}

function warn(): void {
  note('warning: no TLS; whoever is on the way reads the openings and can cut the session off');
}
