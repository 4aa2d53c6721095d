/** `npm run bench NAME` runs one benchmark and prints its table; without a name it lists them. */
const benches: Record<string, () => Promise<{ run: () => Promise<void> }>> = {
  commit: () => import('./commit.js'),
  proofs: () => import('./proofs.js'),
  sessions: () => import('./sessions.js'),
  resume: () => import('./resume.js'),
  training: () => import('./training.js'),
  'white-box': () => import('./white-box.js'),
};

const name = process.argv[2] ?? '';
const bench = benches[name];
if (bench === undefined) {
  const known = Object.keys(benches).join(', ');
  process.stderr.write(
    `error: no benchmark ${JSON.stringify(name)}\nhint: choose one of ${known}\n`,
  );
  process.exitCode = 2;
} else {
  await (await bench()).run();
}
