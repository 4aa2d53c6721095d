/**
 * Runs sessions one after another in one process, in memory and over WebSocket, a few at a time, a tenth of them with a peer that
 * misbehaves, and watches memory. Fails if a session is lost, or if memory grows.
 *
 *   npm run soak [-- --sessions 1000 --at-once 8 --svg FILE]
 */
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';

import { Progress } from '../src/cli/progress.js';
import { forEachIndex, writeFileAtomic } from '../src/files/index.js';
import { markedSuspect, sharedClaim } from '../test/support/claim.js';
import { misdeeds } from './soak/misbehave.js';
import { sample, type Sample, slope } from './soak/memory.js';
import { soakPlot } from './soak/plot.js';
import { type Line, openLine, type Plan, soakSession } from './soak/session.js';

/** Sessions between two measurements. */
const round = 50;
/** Most kilobytes by which a session may let memory grow, once the first quarter has warmed everything up. */
const limits = { heap: 2, rss: 20 } as const;

const args = await yargs(hideBin(process.argv))
  .scriptName('npm run soak --')
  .options({
    sessions: { type: 'number', default: 1000, describe: 'How many' },
    'at-once': { type: 'number', default: 8, describe: 'Sessions at a time' },
    svg: { type: 'string', describe: 'Draws memory over the sessions into this file' },
  })
  .check(({ sessions, atOnce }) => {
    const counts = [sessions, Number(atOnce)];
    if (counts.every((count) => Number.isSafeInteger(count) && count >= 1)) return true;
    throw new Error('--sessions and --at-once are whole numbers, at least 1');
  })
  .strict()
  .parse();

/** Every second session goes over WebSocket, one in ten has a bad peer: each misdeed at each message of either party. */
function planOf(index: number): Plan {
  const over = index % 2 === 0 ? 'memory' : 'websocket';
  // Ninth and fourteenth of twenty: one on each line.
  if (index % 20 !== 9 && index % 20 !== 14) return { over };
  const turn = Math.floor(index / 10);
  const misdeed = misdeeds[turn % misdeeds.length] ?? 'silent';
  const party = Math.floor(turn / misdeeds.length) % 2 === 0 ? 'judge' : 'owner';
  const at = Math.floor(turn / (2 * misdeeds.length)) % 3;
  return { over, bad: { misdeed, party, at } };
}

const claim = sharedClaim();
const setting = { claim, suspect: markedSuspect(claim) };
const lines: Record<Plan['over'], Line> = {
  memory: await openLine('memory', claim),
  websocket: await openLine('websocket', claim),
};
const samples: Sample[] = [];
const lost: string[] = [];
const progress = new Progress('soak');
let bad = 0;
let seconds = 0;
for (let done = 0; done < args.sessions;) {
  const count = Math.min(round, args.sessions - done);
  const started = performance.now();
  await forEachIndex(count, {
    atOnce: args.atOnce,
    task: async (index) => {
      const plan = planOf(done + index);
      if (plan.bad) bad++;
      const problem = await soakSession(setting, lines[plan.over], plan);
      if (problem !== undefined)
        lost.push(`session ${done + index} (${JSON.stringify(plan)}): ${problem}`);
    },
  });
  seconds += (performance.now() - started) / 1000;
  done += count;
  const now = await sample(done);
  samples.push(now);
  const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  progress.update(
    done,
    args.sessions,
    `RSS ${megabytes(now.rss)} MB, heap ${megabytes(now.heap)} MB`,
  );
}
progress.end();
await Promise.all(Object.values(lines).map((line) => line.close()));

const steady = samples.slice(Math.floor(samples.length / 4));
const growth = { heap: slope(steady, 'heap') / 1024, rss: slope(steady, 'rss') / 1024 };
process.stdout.write(
  `| sessions | misbehaving | at once | sessions/s | RSS, kB a session | heap, kB a session | lost |
| -------: | ----------: | ------: | ---------: | ----------------: | -----------------: | ---: |
| ${args.sessions} | ${bad} | ${args.atOnce} | ${(args.sessions / seconds).toFixed(1)} | ${growth.rss.toFixed(1)} | ${growth.heap.toFixed(1)} | ${lost.length} |
`,
);
if (args.svg !== undefined) await writeFileAtomic(args.svg, await soakPlot(samples));
for (const line of lost) process.stderr.write(`error: lost ${line}\n`);
const grows = (['heap', 'rss'] as const).filter(
  (of) => samples.length >= 8 && growth[of] > limits[of],
);
for (const of of grows) {
  process.stderr.write(
    `error: ${of} grows by ${growth[of].toFixed(1)} kB a session, more than ${limits[of]}\n`,
  );
}
if (lost.length > 0 || grows.length > 0) process.exitCode = 1;
