import { InputError } from '../base/index.js';
import { readFileLimited } from '../files/index.js';
import { checkPolicy, defaultPolicy, type Policy } from '../protocol/index.js';
import { inFile } from './naming.js';

/** The policy of `--policy`, with the default of each member that the file leaves out. Throws `InputError` `policy.format`. */
export async function readPolicy(path: string | undefined): Promise<Policy> {
  if (path === undefined) return defaultPolicy;
  const bytes = await readFileLimited(path, { limit: 2 ** 16, what: 'policy' });
  try {
    const given = JSON.parse(new TextDecoder().decode(bytes)) as unknown;
    const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
    return await inFile(path, () => checkPolicy(isObject ? { ...defaultPolicy, ...given } : given));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError({
      code: 'policy.format',
      message: `${path} is not JSON: ${error.message}`,
      hint: '`veilmark policy` prints one to start from',
    });
  }
}
