import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Whether an optional package is installed where Node would find it. */
export function isInstalled(packageName: string): boolean {
  try {
    require.resolve(`${packageName}/package.json`);
    return true;
  } catch {
    return false;
  }
}

/** The version of an installed package. */
export function installedVersion(packageName: string): string {
  return (require(`${packageName}/package.json`) as { version: string }).version;
}
