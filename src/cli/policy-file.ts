import { InputError } from '../base/index.js';
import { readFileLimited } from '../files/index.js';
import { checkPolicy, defaultPolicy, type Policy } from '../protocol/index.js';
import { inFile } from './naming.js';

/** The policy of `--policy`, or the default. Throws `InputError` `policy.format`. */
export async function readPolicy(path: string | undefined): Promise<Policy> {
  if (path === undefined) return defaultPolicy;
  const bytes = await readFileLimited(path, { limit: 2 ** 16, what: 'policy' });
  try {
    return await inFile(path, () => checkPolicy(JSON.parse(new TextDecoder().decode(bytes))));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError({
      code: 'policy.format',
      message: `${path} is not JSON: ${error.message}`,
      hint: '`veilmark policy` prints one to start from',
    });
  }
}
