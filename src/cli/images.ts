import { type DatasetOptions, loadDataset } from '../training/data/index.js';
import type { Dataset } from '../training/dataset.js';
import { Progress } from './progress.js';

/** Loads a data set, with progress where that takes long. Throws as `loadDataset` does. */
export async function loadImages(
  spec: string,
  options: Omit<DatasetOptions, 'onProgress'>,
): Promise<Dataset> {
  const bar = new Progress(`reading ${options.split} images`);
  const dataset = await loadDataset(spec, {
    ...options,
    onProgress: (done, total) => {
      // A few pictures are there before anybody reads a line.
      if (total >= 2000) bar.update(done, total);
    },
  });
  bar.end();
  return dataset;
}
