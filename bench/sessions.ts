/**
 * Sessions of 40 openings of 28×28×1 in ten classes, a judge and an owner in one process: 100 in memory one after another, and 50
 * WebSocket connections at a time on one prover, each plain and with TLS in one run. The suspect answers from a table.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';

import { createCommitment, openLabel, openPair, type Parameters } from '../src/commitment/index.js';
import { generateKeyPair, systemRandom } from '../src/crypto/index.js';
import {
  type Channel,
  defaultPolicy,
  maxMessage,
  type SessionRecord,
  type Suspect,
} from '../src/protocol/index.js';
import { runOwner } from '../src/prover/index.js';
import {
  connectWebSocket,
  listenWebSocket,
  makeTlsCredentials,
  memoryChannels,
  type TlsParty,
} from '../src/transport/index.js';
import { type Decoy, runJudge } from '../src/verifier/index.js';
import { type Claim, MemoryLedger, noiseImages } from '../test/support/claim.js';

const inMemory = 100;
const atATime = 50;
const batchSize = 40;
const shape = { height: 28, width: 28, channels: 1 };
const policy = { ...defaultPolicy, decoysPerTrigger: 1 };
const host = '127.0.0.1';

interface Setting {
  readonly claim: Claim;
  readonly suspect: Suspect;
  readonly decoys: readonly Decoy[];
}

export async function run(): Promise<void> {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  print(`${availableParallelism()} cores (${model}), Node ${process.version}, load ${load()}\n`);
  const setting = prepare();
  await memory(setting, 2);
  print('| sessions | line | at a time | proved | s | processor s | × plain |');
  print('| ---: | --- | ---: | ---: | ---: | ---: | ---: |');
  row(await memory(setting, inMemory), { line: 'in memory', count: inMemory, together: 1 });
  await overWebSocket(setting, { count: 2 });
  const plain = await overWebSocket(setting, { count: atATime });
  row(plain, { line: 'ws', count: atATime, together: atATime, against: plain });
  const tls = parties(setting.claim);
  const secure = await overWebSocket(setting, { count: atATime, tls });
  row(secure, { line: 'wss', count: atATime, together: atATime, against: plain });
  print(`\nload ${load()} at the end`);
}

interface Measured {
  readonly seconds: number;
  /** Seconds of processor time. */
  readonly cpu: number;
  readonly proved: number;
}

/** A commitment of one batch a session, and a suspect that knows all labels. */
function prepare(): Setting {
  const owner = generateKeyPair(systemRandom);
  const parameters: Parameters = {
    ...{ labelMode: 'derived', natural: 'none', shape, batchSize, origin: 'system' },
    classNames: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    hidden: batchSize * inMemory,
    audited: 24,
  };
  const pairs = parameters.hidden + parameters.audited;
  const images = noiseImages('bench', pairs, shape);
  const natural = new Array<number>(pairs).fill(parameters.classNames.length);
  const source = { secret: systemRandom(32), origin: 'system' as const, images, natural };
  const made = createCommitment({ parameters, source, owner });
  const claim = { owner, ...made };
  const decoys = noiseImages('decoys', batchSize, shape).map((image) => ({
    image,
    kind: 'abstract' as const,
  }));
  return { claim, suspect: tableSuspect(claim), decoys };
}

function tableSuspect({ commitment, mark }: Claim): Suspect {
  const key = (pixels: Uint8Array): string => Buffer.from(pixels).toString('latin1');
  const labels = new Map(
    mark.images.map(({ pixels }, i) => [key(pixels), openLabel(commitment, openPair(mark, i))]),
  );
  return {
    descriptor: {
      ...{
        kind: 'table',
        identity: 'a suspect of the bench',
        preprocessing: 'none',
        digest: '5d'.repeat(32),
      },
      ...{ shape: '28x28x1', classes: 10 },
    },
    classify: (images) =>
      Promise.resolve(images.map(({ pixels }) => ({ label: labels.get(key(pixels)) ?? 0 }))),
    close: () => Promise.resolve(),
  };
}

async function memory(setting: Setting, count: number): Promise<Measured> {
  const ledger = new MemoryLedger();
  return timed(async () => {
    const records: SessionRecord[] = [];
    for (let i = 0; i < count; i++) {
      const [judgeEnd, ownerEnd] = memoryChannels();
      const [record] = await Promise.all([
        judge(setting, judgeEnd),
        owner(setting, ownerEnd, ledger),
      ]);
      records.push(record);
    }
    return records;
  });
}

async function overWebSocket(
  setting: Setting,
  { count, tls }: { count: number; tls?: { judge: TlsParty; owner: TlsParty } },
): Promise<Measured> {
  const ledger = new MemoryLedger();
  const { parameters } = setting.claim.commitment;
  const served: Promise<unknown>[] = [];
  const listener = await listenWebSocket({
    ...{ host, port: 0, maxConnections: count, tls: tls?.owner },
    maxMessage: maxMessage(parameters, 'judge'),
    onChannel: (channel) => served.push(owner(setting, channel, ledger)),
  });
  const url = `${tls ? 'wss' : 'ws'}://${host}:${listener.port}`;
  const measured = await timed(async () => {
    const dial = async (): Promise<SessionRecord> => {
      const limits = { maxMessage: maxMessage(parameters, 'owner'), seconds: 20 };
      const channel = await connectWebSocket(url, { ...limits, tls: tls?.judge });
      return judge(setting, channel);
    };
    const records = await Promise.all(Array.from({ length: count }, dial));
    await Promise.all(served);
    return records;
  });
  await listener.close();
  return measured;
}

function judge({ claim, suspect, decoys }: Setting, channel: Channel): Promise<SessionRecord> {
  return runJudge({
    ...{ channel, commitment: claim.commitment, key: judgeKey, policy, suspect, decoys },
    ...{ random: systemRandom, now: () => new Date() },
  });
}

const judgeKey = generateKeyPair(systemRandom);

function owner({ claim }: Setting, channel: Channel, ledger: MemoryLedger) {
  const { commitment, mark, owner: key } = claim;
  return runOwner({
    ...{ channel, commitment, mark, key, ledger, patienceSeconds: 600, random: systemRandom },
  });
}

function parties({ owner: identity }: Claim): { judge: TlsParty; owner: TlsParty } {
  const make = (key: typeof identity, pin: typeof identity): TlsParty => ({
    identity: key,
    credentials: makeTlsCredentials({
      ...{ identity: key, now: new Date(), days: 1, random: systemRandom },
    }),
    pins: [pin.publicKey],
    now: () => new Date(),
  });
  return { judge: make(judgeKey, identity), owner: make(identity, judgeKey) };
}

async function timed(work: () => Promise<readonly SessionRecord[]>): Promise<Measured> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  const records = await work();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / 1e6;
  return {
    seconds,
    cpu,
    proved: records.filter(({ outcome }) => outcome.verdict === 'proved').length,
  };
}

function row(
  { seconds, cpu, proved }: Measured,
  {
    line,
    count,
    together,
    against,
  }: { line: string; count: number; together: number; against?: Measured },
): void {
  const ratio = against ? (cpu / against.cpu).toFixed(2) : '';
  print(
    `| ${count} | ${line} | ${together} | ${proved} | ${seconds.toFixed(1)} | ${cpu.toFixed(1)} | ${ratio} |`,
  );
}

function load(): string {
  return loadavg()[0]?.toFixed(2) ?? '';
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
