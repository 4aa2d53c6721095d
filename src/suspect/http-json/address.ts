import { InputError } from '../../base/index.js';
import { checkUrl } from '../endpoint.js';
import { type Environment, isSecretName, secretFrom } from '../secrets.js';
import type { HttpJsonConfig, HttpValue } from './config.js';

/** Where the questions go, with the secrets in their places. */
export interface Address {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Headers and parameters that are replaced in records. */
  readonly secretNames: readonly string[];
}

/** Headers that belong to the exchange itself. */
const reserved =
  /^(host|connection|content-length|content-type|transfer-encoding|accept-encoding|te|upgrade|expect|trailer|keep-alive|proxy-.*)$/i;

/**
 * The address and headers of the settings, secrets taken from the environment. Throws `InputError` `suspect.url`,
 * `suspect.secret`, or `suspect.config` for a secret that is written out or a header that is not the settings' to say.
 */
export function addressOf(config: HttpJsonConfig, environment: Environment): Address {
  const { url: text, query = {}, headers = {} } = config;
  const url = checkUrl(text);
  for (const [name, value] of Object.entries(query)) {
    url.searchParams.append(name, valueOf(name, value, environment));
  }
  const foreign = Object.keys(headers).find((name) => reserved.test(name));
  if (foreign !== undefined) {
    throw new InputError({
      code: 'suspect.config',
      message: `endpoint settings: the header ${foreign} is not theirs to say`,
      hint: 'leave it out: it follows from the body',
    });
  }
  const sent = Object.entries(headers).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    valueOf(name, value, environment),
  ]);
  const secretNames = [...Object.entries(query), ...Object.entries(headers)]
    .filter(([, value]) => typeof value === 'object')
    .map(([name]) => name);
  return { url, headers: Object.fromEntries(sent), secretNames };
}

function valueOf(name: string, value: HttpValue, environment: Environment): string {
  if (typeof value === 'object') return (value.prefix ?? '') + secretFrom(environment, value.env);
  if (!isSecretName(name)) return value;
  throw new InputError({
    code: 'suspect.config',
    message: `endpoint settings: ${name} holds a secret, which must not stand in the file`,
    hint: `put it into an environment variable and write {"env": "NAME"} for it`,
  });
}
