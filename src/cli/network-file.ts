import { readFileLimited } from '../files/index.js';
import { decodeNetwork, type IntegerNetwork, maxNetworkBytes } from '../network/index.js';
import { inFile } from './naming.js';

/** The network file that a verification looks for beside a transcript. */
export function networkBeside(transcript: string): string {
  return `${transcript}.network`;
}

/** Reads and checks a network file. Throws as `decodeNetwork` does. */
export async function readNetwork(path: string): Promise<IntegerNetwork> {
  const file = await readFileLimited(path, { limit: maxNetworkBytes, what: 'network file' });
  return inFile(path, () => decodeNetwork(file));
}
