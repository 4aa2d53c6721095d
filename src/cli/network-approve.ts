import type { Argv } from 'yargs';

import { bytesToHex, formatShape, InputError, sameShape } from '../base/index.js';
import { classCount, type Commitment } from '../commitment/index.js';
import type { IntegerNetwork } from '../network/index.js';
import { FileWhiteBoxLedger } from '../prover/index.js';
import { claimOptions, claimPaths, readCommitment, whiteBoxFolder } from './claim-folder.js';
import { describeDistances } from './network-distance.js';
import { readNetwork } from './network-file.js';
import { describeNetwork } from './network-info.js';
import { note, print, table } from './terminal.js';

export function addNetworkApprove(program: Argv): Argv {
  return program.command(
    'approve <file>',
    'As owner, look at a judge’s network and allow sessions about it',
    (yargs) =>
      yargs
        .positional('file', { type: 'string', demandOption: true, describe: 'Network file' })
        .options({
          ...claimOptions,
          yes: { type: 'boolean', default: false, describe: 'Approve without asking' },
        })
        .epilogue('Example:\n  $0 network approve suspect.network --claim claim'),
    async (args) => {
      const network = await readNetwork(args.file);
      if (!args.yes) mustBeTerminal();
      const { ledger, commitment } = await openLedger(args);
      checkNetworkFits(network, commitment);
      const digest = bytesToHex(network.digest);
      const digests = await ledger.approved();
      print(describeNetwork(network));
      if (digests.includes(digest)) {
        note('this network was approved before');
        return;
      }
      const others = digests
        .map((other) => ledger.network(other))
        .filter((other) => other !== undefined);
      print(
        others.length === 0
          ? '\nno network was approved before'
          : `\n${describeDistances(network, others, commitment)}`,
      );
      note('each session about a network may tell one bit: whether enough triggers match');
      if (!args.yes && !(await asksYes('Approve this network? [y/N] '))) {
        note('not approved; nothing was recorded');
        return;
      }
      await ledger.approve(network);
      note(`approved ${digest}`);
    },
  );
}

export function addNetworkList(program: Argv): Argv {
  return program.command(
    'list',
    'As owner, list the approved networks and the white box sessions about them',
    (yargs) => yargs.options(claimOptions).epilogue('Example:\n  $0 network list --claim claim'),
    async (args) => {
      const { ledger } = await openLedger(args);
      const networks = (await ledger.approved()).map((digest) => {
        const network = ledger.network(digest);
        const bits = network ? `${network.A} + ${network.S}` : '';
        return [digest, String(network?.neurons ?? ''), bits, bytesToHex(network?.model ?? none)];
      });
      const sessions = (await ledger.sessions()).map((one) => [
        ...[short(one.session), short(one.network), short(one.judge), String(one.batch)],
        one.point === '' ? 'no' : 'yes',
      ]);
      const heading = ['session', 'network', 'judge', 'batch', 'had its point'];
      print(
        [
          `approved networks: ${networks.length}`,
          ...(networks.length > 0
            ? [table([['network', 'neurons', 'bits', 'model'], ...networks])]
            : []),
          `white box sessions: ${sessions.length}`,
          ...(sessions.length > 0 ? [table([heading, ...sessions])] : []),
        ].join('\n'),
      );
    },
  );
}

const none = new Uint8Array();

async function openLedger(
  args: Parameters<typeof claimPaths>[0],
): Promise<{ ledger: FileWhiteBoxLedger; commitment: Commitment }> {
  const paths = claimPaths(args);
  const commitment = await readCommitment(paths.commitment);
  // How many sessions may have a point is for `prove` to say; here none gets one.
  const ledger = new FileWhiteBoxLedger(whiteBoxFolder(paths), commitment.digest, { cap: 0 });
  return { ledger, commitment };
}

function checkNetworkFits(network: IntegerNetwork, { parameters }: Commitment): void {
  const classes = classCount(parameters);
  if (sameShape(network.shape, parameters.shape) && network.classes === classes) return;
  throw new InputError({
    code: 'network.claim',
    message: `the network takes images of ${formatShape(network.shape)} and has ${network.classes} classes, the claim has ${formatShape(parameters.shape)} and ${classes}`,
    hint: 'name a network and a claim of one task',
  });
}

function mustBeTerminal(): void {
  if (process.stdin.isTTY) return;
  throw new InputError({
    code: 'usage.yes',
    message: 'there is no terminal on which the owner could approve the network',
    hint: 'look at it with `veilmark network info`, and approve it with --yes',
  });
}

async function asksYes(question: string): Promise<boolean> {
  const { read } = await import('read');
  const answer: unknown = await read({ prompt: question, output: process.stderr });
  return typeof answer === 'string' && /^y(es)?$/i.test(answer.trim());
}

function short(digest: string): string {
  return digest.slice(0, 16);
}
