import { InputError } from '../base/index.js';
import { hideSecrets } from './hide-secrets.js';

/** Variables of the environment by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The secret in an environment variable. Throws `InputError` `suspect.secret` where it is unset or cannot stand in a header. */
export function secretFrom(environment: Environment, name: string): string {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value !== undefined && /^[\x20-\x7e]{1,8000}$/.test(value)) return value;
  throw new InputError({
    code: 'suspect.secret',
    message:
      value === undefined || value === ''
        ? `the environment variable ${name} is not set`
        : `the environment variable ${name} holds what cannot stand in a header`,
    hint: `set it before the command, e.g. read -rs ${name}; export ${name}`,
  });
}

/** Whether a header or parameter of this name holds a secret as a rule. */
export function isSecretName(name: string): boolean {
  return Object.values(hideSecrets({ [name]: ' ' }, {}))[0] !== ' ';
}
