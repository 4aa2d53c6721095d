import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { type Static, Type } from 'typebox';
import type { Argv } from 'yargs';

import { canonicalBytes, InputError, parseCanonical } from '../base/index.js';
import { mustNotExist, readFileLimited, writeFileAtomic } from '../files/index.js';
import { exitCodes, note } from './terminal.js';

/** What a folder of a session holds: the settings and the judge's transcript are one's own, `messages/` is what travels. */
export const sessionFiles = {
  settings: 'session.json',
  transcript: 'session.transcript',
  messages: 'messages',
} as const;

const maxWords = 1000;
const Settings = Type.Object(
  {
    /** Where the command was given: its paths are relative to it. */
    folder: Type.String({ maxLength: 4096 }),
    role: Type.Union([Type.Literal('judge'), Type.Literal('owner')]),
    /** The judge's transcript. */
    transcript: Type.String({ maxLength: 4096 }),
    words: Type.Array(Type.String({ maxLength: 4096 }), { maxItems: maxWords }),
  },
  { additionalProperties: false },
);

type Settings = Static<typeof Settings>;

const examples = `Examples:
  $0 session judge dispute --key judge.key --commitment commitment.veilmark --suspect model
  $0 session owner answer --claim claim --key owner.key
  $0 session next dispute

Each side has a folder of its own; give the other side the files of messages/, and put its files there.`;

/** Runs the command line with other words, and leaves its exit code. */
type Run = (words: readonly string[]) => Promise<void>;

/** Sessions whose messages are files, for courts and machines without a network. */
export function addSession(program: Argv, given: readonly string[], run: Run): Argv {
  return program.command(
    'session',
    'Hold a session by files in place of a connection',
    (yargs) =>
      yargs
        .command(
          'judge <folder> [transcript]',
          'Begin as the judge, with the options of `veilmark judge` but --prover',
          (command) =>
            begins(command).positional('transcript', {
              type: 'string',
              describe: 'Transcript file, e.g. of a session to go on with [in the folder]',
            }),
          async ({ folder, transcript }) => {
            const own = transcript ?? join(folder, sessionFiles.transcript);
            const words = optionsOf(given);
            await begin(folder, { role: 'judge', transcript: resolve(own), words }, run);
          },
        )
        .command(
          'owner <folder>',
          'Begin as the owner, with the options of `veilmark prove` but --listen',
          begins,
          async ({ folder }) => {
            await begin(folder, { role: 'owner', transcript: '', words: optionsOf(given) }, run);
          },
        )
        .command(
          'next <folder>',
          'Read what the other side sent, answer it, and say who has to do what now',
          (command) => place(command),
          async ({ folder }) => {
            await goOn(folder, run);
          },
        )
        .command(
          'abort <folder>',
          'End the session, because the other side let its time pass',
          (command) => place(command),
          async ({ folder }) => {
            await goOn(folder, run, ['--expired']);
          },
        )
        .demandCommand(1, 'no step of a session is named')
        .epilogue(examples),
    () => undefined,
  );
}

function place<T>(command: Argv<T>) {
  return command.positional('folder', {
    type: 'string',
    demandOption: true,
    describe: 'Folder of the session',
  });
}

/** The other options are those of another command, which checks them when it is run. */
function begins<T>(command: Argv<T>) {
  return place(command).strict(false).strictOptions(false).strictCommands(false);
}

/** What was given from the first option on. */
function optionsOf(given: readonly string[]): string[] {
  const first = given.findIndex((word) => word.startsWith('-'));
  return first === -1 ? [] : given.slice(first);
}

/** Takes the first step, and keeps how it was asked for where the options were right. */
async function begin(folder: string, settings: Omit<Settings, 'folder'>, run: Run): Promise<void> {
  const path = join(folder, sessionFiles.settings);
  await mustNotExist(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const whole = { ...settings, folder: process.cwd() };
  await step(folder, whole, run);
  await writeFileAtomic(path, canonicalBytes(whole), { mode: 0o600 });
  if (process.exitCode === exitCodes.waiting) note(`then run: veilmark session next ${folder}`);
}

/** The next step, where there is one. */
async function goOn(folder: string, run: Run, more: readonly string[] = []): Promise<void> {
  const settings = await readSettings(folder);
  const { transcript } = settings;
  if (transcript === '' || !existsSync(transcript)) {
    await step(folder, settings, run, more);
    return;
  }
  note(`the session is over; \`veilmark verify ${transcript}\` checks it again`);
}

async function step(
  folder: string,
  { folder: at, role, transcript, words }: Settings,
  run: Run,
  more: readonly string[] = [],
): Promise<void> {
  const messages = resolve(folder, sessionFiles.messages);
  await mkdir(messages, { recursive: true, mode: 0o700 });
  process.chdir(at);
  const command = role === 'judge' ? ['judge', transcript] : ['prove'];
  await run([...command, ...words, '--messages', messages, ...more]);
}

/** What a session of files was begun with. Throws `InputError` `session.settings` for a folder in which none was begun. */
export async function readSettings(folder: string): Promise<Settings> {
  const path = join(folder, sessionFiles.settings);
  if (!existsSync(path)) {
    throw new InputError({
      code: 'session.settings',
      message: `no session was begun in ${folder}`,
      hint: 'begin one with `veilmark session judge` or `veilmark session owner`',
    });
  }
  const what = 'settings of the session';
  const bytes = await readFileLimited(path, { limit: 2 ** 22, what });
  return parseCanonical({ bytes, schema: Settings, what, code: 'session.settings' });
}
