import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { bytesToHex } from '../../src/base/index.js';
import { SeededStream } from '../../src/crypto/index.js';
import { finishNetwork, type IntegerNetwork } from '../../src/network/index.js';
import type { OwnerHello } from '../../src/protocol/index.js';
import { FileWhiteBoxLedger } from '../../src/prover/index.js';
import { coded } from '../coded.js';

const commitment = new Uint8Array(32).fill(5);
const hex = (byte: number): string => bytesToHex(new Uint8Array(32).fill(byte));
const proofOf = (byte: number): Uint8Array => new Uint8Array(256).fill(byte);

const helloOf = (byte: number): OwnerHello => ({
  coins: hex(byte),
  nonce: hex(byte + 1),
  owner: hex(3),
  spent: [],
});

const challengeOf = (session: number, challenge = session) => ({
  session: hex(session),
  challenge: hex(challenge),
  network: hex(9),
  batch: 1,
  judge: hex(8),
});

const pointOf = (session: number, point = session) => ({
  session: hex(session),
  point: hex(point),
});

/** Two pixels, each a logit. */
function tinyNetwork(weight: number): IntegerNetwork {
  const map = { kind: 'scale', weights: Int32Array.of(weight, 1) } as const;
  const shape = { height: 1, width: 1, channels: 2 };
  return finishNetwork({
    A: 4,
    S: 4,
    model: new Uint8Array(32),
    calibration: { digest: new Uint8Array(32), images: 1 },
    nodes: [
      { kind: 'pixels', shape },
      { kind: 'sum', shape, terms: [{ input: 0, at: 0, map }], bias: new Float64Array() },
    ],
    logitScale: 1,
  });
}

describe('the memory of white box sessions on disk', () => {
  let parent: string;
  let folder: string;
  let ledger: FileWhiteBoxLedger;
  const again = (cap = 3): FileWhiteBoxLedger =>
    new FileWhiteBoxLedger(folder, commitment, { cap });
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'veilmark-white-box-'));
    folder = join(parent, 'white-box');
    ledger = again();
  });
  afterEach(() => rm(parent, { recursive: true }));

  it('is empty where there is no folder, and makes none by being read', async () => {
    expect(await ledger.count()).to.equal(0);
    expect(await ledger.sessions()).to.deep.equal([]);
    expect(await ledger.approved()).to.deep.equal([]);
    expect(ledger.network(hex(1))).to.equal(undefined);
    expect(await ledger.recall(hex(1), 'threshold')).to.equal(undefined);
    await ledger.forget(hex(1));
    expect(existsSync(folder)).to.equal(false);
  });

  it('answers a judge’s hello always alike, in this process and the next', async () => {
    expect(await ledger.greet(hex(1), helloOf(1))).to.deep.equal(helloOf(1));
    expect(await ledger.greet(hex(1), helloOf(2))).to.deep.equal(helloOf(1));
    expect(await again().greet(hex(1), helloOf(3))).to.deep.equal(helloOf(1));
    expect(await again().greet(hex(2), helloOf(4))).to.deep.equal(helloOf(4));
  });

  it('gives one answer to many who greet at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) => again().greet(hex(1), helloOf(10 + i))),
    );
    for (const answer of answers) expect(answer).to.deep.equal(answers[0]);
  });

  it('takes one challenge and one point a session', async () => {
    await ledger.challenge(challengeOf(1));
    await again().challenge(challengeOf(1));
    await coded('ledger.second-challenge', () => again().challenge(challengeOf(1, 2)));
    await coded('ledger.no-challenge', () => ledger.point(pointOf(2)));
    expect(await ledger.count()).to.equal(0);
    await ledger.point(pointOf(1));
    await again().point(pointOf(1));
    await coded('ledger.second-point', () => again().point(pointOf(1, 2)));
    expect(await again().count()).to.equal(1);
    expect(await again().sessions()).to.deep.equal([{ ...challengeOf(1), point: hex(1) }]);
  });

  it('gives out as many points as allowed, whatever the number of challenges', async () => {
    for (const session of [1, 2, 3, 4]) await ledger.challenge(challengeOf(session));
    await again(2).point(pointOf(3));
    await again(2).point(pointOf(1));
    const { message } = await coded('prove.cap', () => again(2).point(pointOf(4)));
    expect(message).to.match(/2 white box sessions/);
    await again(2).point(pointOf(1));
    await coded('ledger.second-point', () => again(2).point(pointOf(1, 9)));
    await again(3).point(pointOf(4));
    expect(await ledger.count()).to.equal(3);
  });

  it('lets no two processes’ points in beyond the cap', async () => {
    for (const session of [1, 2, 3, 4]) await ledger.challenge(challengeOf(session));
    const tries = await Promise.allSettled([1, 2, 3, 4].map((one) => again(2).point(pointOf(one))));
    expect(tries.filter(({ status }) => status === 'fulfilled')).to.have.length(2);
    expect(await ledger.count()).to.equal(2);
  });

  it('is for its owner’s eyes only', async () => {
    await ledger.challenge(challengeOf(1));
    await ledger.keep(hex(1), '17/neurons/0', proofOf(1));
    await ledger.approve(tinyNetwork(3));
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
    for (const name of await readdir(folder, { recursive: true })) {
      const { mode } = await stat(join(folder, name));
      expect(mode & 0o077, name).to.equal(0);
    }
  });

  it('refuses a file that was damaged, cut off, or is of another commitment', async () => {
    await ledger.challenge(challengeOf(1));
    const path = join(folder, 'ledger.veilmark');
    const file = await readFile(path);
    const stream = new SeededStream('test/white-box-ledger', []);
    for (let i = 0; i < 40; i++) {
      const damaged = Buffer.from(file);
      const place = stream.below(file.length);
      damaged[place] = (damaged[place] ?? 0) ^ (1 + stream.below(255));
      await writeFile(path, damaged);
      await coded('ledger.format', () => ledger.count());
      await writeFile(path, file.subarray(0, place));
      await coded('ledger.format', () => ledger.point(pointOf(1)));
    }
    await writeFile(path, file);
    expect(await ledger.sessions()).to.have.length(1);
    const other = new FileWhiteBoxLedger(folder, new Uint8Array(32), { cap: 1 });
    await coded('ledger.commitment', () => other.count());
    await coded('ledger.commitment', () => other.challenge(challengeOf(2)));
  });

  it('keeps proofs of a session until it is over', async () => {
    await ledger.keep(hex(1), '17/neurons/0', proofOf(1));
    await ledger.keep(hex(1), '17/neurons/1', proofOf(2));
    await ledger.keep(hex(1), 'threshold', proofOf(3));
    await ledger.keep(hex(2), 'threshold', proofOf(4));
    expect(await again().recall(hex(1), '17/neurons/0')).to.deep.equal(proofOf(1));
    expect(await again().recall(hex(1), '17/neurons/1')).to.deep.equal(proofOf(2));
    expect(await again().recall(hex(1), '17/neurons/2')).to.equal(undefined);
    await ledger.forget(hex(1));
    expect(await ledger.recall(hex(1), 'threshold')).to.equal(undefined);
    expect(await ledger.recall(hex(2), 'threshold')).to.deep.equal(proofOf(4));
  });

  it('makes a proof again whose file was damaged, or put under another name', async () => {
    await ledger.keep(hex(1), 'threshold', proofOf(3));
    const path = join(folder, 'sessions', hex(1), 'threshold.proof');
    const file = await readFile(path);
    await writeFile(join(folder, 'sessions', hex(1), '1-fold-0.proof'), file);
    expect(await ledger.recall(hex(1), '1/fold/0')).to.equal(undefined);
    await writeFile(path, file.subarray(0, 200));
    expect(await ledger.recall(hex(1), 'threshold')).to.equal(undefined);
    await writeFile(path, Buffer.from(file).fill(7, 100, 101));
    expect(await ledger.recall(hex(1), 'threshold')).to.equal(undefined);
  });

  it('takes no names that lead elsewhere, and no proofs of another length', async () => {
    const refused = async (session: string, name: string, length = 256): Promise<void> => {
      const error: unknown = await ledger
        .keep(session, name, new Uint8Array(length))
        .catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(TypeError);
    };
    for (const name of [
      '',
      '../x',
      '/x',
      'a//b',
      'a-b',
      'a\\b',
      'A',
      'a/b/c/d/e',
      'x'.repeat(99),
    ]) {
      await refused(hex(1), name);
    }
    for (const session of ['', '..', 'AB'.repeat(32), `${hex(1)}0`]) {
      await refused(session, 'threshold');
    }
    await refused(hex(1), 'threshold', 255);
    expect(await readdir(parent)).to.deep.equal(['white-box']);
    expect(existsSync(join(folder, 'sessions'))).to.equal(false);
  });

  it('gives an approved network to the next process, and no other', async () => {
    const networks = [1, 2, 3, 4, 5, 6].map(tinyNetwork);
    for (const network of networks) await ledger.approve(network);
    const next = again();
    for (const network of [...networks, ...networks]) {
      const found = next.network(bytesToHex(network.digest));
      expect(found?.bytes).to.deep.equal(network.bytes);
    }
    const digests = networks.map(({ digest }) => bytesToHex(digest)).sort();
    expect(await next.approved()).to.deep.equal(digests);
    for (const digest of ['', '..', `${digests[0]!}0`, hex(1), digests[0]!.toUpperCase()]) {
      expect(next.network(digest), digest).to.equal(undefined);
    }
  });

  it('refuses an approved network that was changed since', async () => {
    const [network, other] = [tinyNetwork(1), tinyNetwork(2)];
    await ledger.approve(network);
    const digest = bytesToHex(network.digest);
    await writeFile(join(folder, 'networks', `${digest}.network`), other.bytes);
    await coded('network.digest', () => again().network(digest));
  });
});
