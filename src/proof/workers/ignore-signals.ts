/** Imported first by a worker: signals reach the whole group of processes, and the parent decides when its workers end. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
