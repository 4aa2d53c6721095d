import { defaultPolicy, Policy } from './policy.js';

const descriptions = {
  alphaBits:
    '`proved` needs a chance of a false claim of at most 2^-alphaBits, allowances included.',
  answerBytes:
    'Longest answer of the suspect that is read and kept whole in the query log, in bytes before it is unpacked.',
  controlPpm:
    'Significance of each control of the suspect, in millionths: an honest one fails a control by accident no more often.',
  deadlineSeconds:
    'How long the judge waits for a message, in seconds; more for each proof it asks for.',
  decoysPerTrigger:
    'Images that are no triggers, ordinary and abstract, which are asked for each trigger.',
  epsilonPpm:
    'Of the paper’s own rule, which is reported beside the decision: at most this part of the triggers may mismatch, in millionths.',
  grindingBits: 'Allowance in bits for an owner who tries many label seeds.',
  hiddenProofs:
    'Of how many pairs that stay hidden the owner proves in zero knowledge that they are well-formed.',
  minimumDecoyAccuracyPpm:
    'A suspect that is right about fewer ordinary decoys was asked wrongly: a lost claim is inconclusive. In millionths.',
  minimumFidelityPpm:
    'White box: least agreement of the integer network with the float model on the judge’s images, in millionths.',
  minimumRepeatAgreementPpm:
    'A suspect that answers fewer of the decoys asked twice alike answers at random: a lost claim is inconclusive. In millionths.',
  nullModels:
    'Least number of models of the task, trained by the judge, that are asked beside the suspect. Chosen labels never do with fewer than ten.',
  nullPpm:
    'Null models that match derived labels so often that chance does so with less than this probability, in millionths, leave a win inconclusive. Also the level of the upper bound on their chance of a match.',
  openingKey:
    'Digest, in hexadecimal, of the only verification key for proofs of hidden pairs; empty where none are asked.',
  querySeconds: 'Seconds that the suspect may take for one request.',
  repeats: 'Decoys that are asked twice, at random places.',
  retries:
    'How often a request is repeated that found no suspect or a busy one. A complete answer counts and is never asked again.',
  suspectBits: 'Allowance in bits for a party that tries many suspects.',
  whiteBoxKeys:
    'White box: digests of the only verification keys, by circuit, in hexadecimal; empty where the circuit is not needed.',
} as const satisfies Record<keyof Policy, string>;

/**
 * JSON Schema (2020-12) of a policy file, made of the definition that checks policies: every member with its range, default and meaning.
 * In a file any of them may be left out; in a session's first message none may.
 */
export function policySchema(): object {
  const members = Object.entries(Policy.properties) as [keyof Policy, object][];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:veilmark:policy:1',
    title: 'Policy of a veilmark judge',
    description:
      'What a judge demands, fixed before the suspect is asked: the whole policy travels in the first message of a session. A member that a file leaves out has its default.',
    type: 'object',
    properties: Object.fromEntries(
      members.map(([name, member]) => [
        name,
        { ...plain(member), description: descriptions[name], default: defaultPolicy[name] },
      ]),
    ),
    additionalProperties: false,
  };
}

/** A definition as others read it. */
function plain(member: object): object {
  return JSON.parse(JSON.stringify(member)) as object;
}
