import { Worker } from 'node:worker_threads';

/**
 * A thread that runs the module `name` of this folder: compiled, or TypeScript under tsx, which threads do not inherit. What
 * the module imports must not load `crypto/index`: a library behind it takes the thread over.
 */
export function startThread(name: string, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(`./${name}.js`, import.meta.url), { workerData });
  }
  const entry = new URL(`./${name}.ts`, import.meta.url).href;
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import('${entry}'); });`;
  return new Worker(code, { workerData, eval: true });
}
