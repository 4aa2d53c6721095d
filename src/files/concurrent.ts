/**
 * Runs `task` for each index from 0 to count − 1, at most `atOnce` at a time and begun in order. After a failure nothing new
 * is begun, and the first failure is thrown once what was under way has ended.
 */
export async function forEachIndex(
  count: number,
  { atOnce, task }: { atOnce: number; task: (index: number) => Promise<void> },
): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  const lane = async () => {
    while (next < count && failures.length === 0) {
      try {
        await task(next++);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
  if (failures.length > 0) throw failures[0];
}
