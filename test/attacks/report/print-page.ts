/** Prints the report of the made-up records, for a test that compares it between environments. */
import { reportPage } from '../../../src/attacks/index.js';
import { input } from './made-up.js';

process.stdout.write(await reportPage(input));
