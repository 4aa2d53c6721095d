/**
 * What it takes to go on with a session after a kill: the figure asked is at most 1 s. A session of 40 openings of 28 × 28 pixels is
 * stopped when its openings are on disk; reading the journal, repeating every check and sending everything again is timed, on each side.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EnvironmentError } from '../src/base/index.js';
import { createCommitment, type Parameters } from '../src/commitment/index.js';
import { generateKeyPair, systemRandom } from '../src/crypto/index.js';
import { openJournal } from '../src/journal/index.js';
import { type Channel, defaultPolicy, type Suspect } from '../src/protocol/index.js';
import { encodeLedger, FileLedger, runOwner } from '../src/prover/index.js';
import { memoryChannels } from '../src/transport/index.js';
import { imagesFromSecret } from '../src/triggers/index.js';
import { runJudge } from '../src/verifier/index.js';
import { writeFileAtomic } from '../src/files/index.js';

const shape = { height: 28, width: 28, channels: 1 };
const parameters: Parameters = {
  labelMode: 'derived',
  natural: 'none',
  shape,
  classNames: Array.from({ length: 10 }, (_, i) => `class ${i}`),
  hidden: 120,
  audited: 24,
  batchSize: 40,
  origin: 'system',
};

/** Ends every wait at once: what is timed is the work before it. */
function timed(channel: Channel, sent: (bytes: Uint8Array) => void, first?: Uint8Array): Channel {
  let hello = first;
  return {
    send: (bytes) => {
      sent(bytes);
      return Promise.resolve();
    },
    receive: () => {
      const message = hello;
      hello = undefined;
      return message
        ? Promise.resolve(message)
        : Promise.reject(new EnvironmentError({ code: 'peer.closed', message: 'stopped' }));
    },
    close: () => channel.close(),
  };
}

export async function run(): Promise<void> {
  const owner = generateKeyPair(systemRandom);
  const judge = generateKeyPair(systemRandom);
  const secret = systemRandom(32);
  const { commitment, mark } = createCommitment({
    parameters,
    source: {
      ...{ secret, origin: 'system' },
      images: imagesFromSecret({ secret, count: 144, shape }),
      natural: new Array<number>(144).fill(10),
    },
    owner,
  });
  const folder = await mkdtemp(join(tmpdir(), 'veilmark-bench-'));
  const at = (name: string): string => join(folder, name);
  const { digest } = commitment;
  const ledger = new FileLedger(at('ledger'), digest);
  await writeFileAtomic(at('ledger'), encodeLedger(digest, []));
  const suspect: Suspect = {
    descriptor: {
      ...{ kind: 'bench', identity: 'never answers', shape: '28x28x1', classes: 10 },
      ...{ preprocessing: 'none', digest: '5d'.repeat(32) },
    },
    classify: () => Promise.reject(new EnvironmentError({ code: 'file.read', message: 'stopped' })),
    close: () => Promise.resolve(),
  };
  const images = imagesFromSecret({ secret: systemRandom(32), count: 100, shape });
  const decoys = Array.from({ length: 400 }, (_, i) => ({
    image: images[i % 100] ?? { shape, pixels: new Uint8Array(784) },
    kind: 'abstract' as const,
  }));
  const journalOf = (role: 'judge' | 'owner') =>
    openJournal(at(role), { role, commitment: digest, random: systemRandom });
  const stopped = (error: unknown): void => {
    if (!(error instanceof EnvironmentError)) throw error;
  };
  const session = async (party: 'judge' | 'owner', channel: Channel): Promise<void> => {
    const journal = await journalOf(party);
    const random = systemRandom;
    await (
      party === 'judge'
        ? runJudge({
            ...{ channel, commitment, key: judge, policy: defaultPolicy, suspect, decoys, random },
            ...{ journal, now: () => new Date() },
          })
        : runOwner({
            ...{ channel, commitment, mark, key: owner, ledger, random, patienceSeconds: 5 },
            journalOf: () => Promise.resolve(journal),
          })
    )
      .then(() => undefined, stopped)
      .finally(() => journal.close());
    await channel.close();
  };
  try {
    const [judgeEnd, ownerEnd] = memoryChannels();
    await Promise.all([session('judge', judgeEnd), session('owner', ownerEnd)]);
    process.stdout.write('side   going on after a kill, median of 5 [ms]  sent again [kB]\n');
    for (const party of ['judge', 'owner'] as const) {
      const times: number[] = [];
      let sent = 0;
      for (let i = 0; i < 5; i++) {
        const journal = await journalOf(party);
        const hello = party === 'owner' ? journal.records[0]?.message : undefined;
        await journal.close();
        sent = 0;
        const channel = timed(judgeEnd, (bytes) => (sent += bytes.length), hello);
        const started = performance.now();
        await session(party, channel);
        times.push(performance.now() - started);
      }
      const median = times.sort((a, b) => a - b)[2] ?? 0;
      const row = [party.padEnd(6), median.toFixed(0).padStart(39), (sent / 1000).toFixed(1)];
      process.stdout.write(`${row.join('  ')}\n`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
