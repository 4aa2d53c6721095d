/** Why a suspect gave no answer to an image: stable codes that a verdict names, and what each says to a person. */
export const refusals = {
  'suspect.timeout': 'the suspect did not answer in time',
  'suspect.unreachable': 'the suspect could not be reached, or broke the connection',
  'suspect.redirect': 'the suspect sent the question elsewhere; redirects are not followed',
  'suspect.http': 'the suspect answered with an HTTP error',
  'suspect.too-large': 'the answer was longer than any honest one',
  'suspect.garbage': 'the answer was not what the protocol says',
  'suspect.count': 'the answer holds another number of values than was asked for',
  'suspect.answer':
    'the answer to this image is no class: NaN, infinite, or out of range, or a word that names none',
  'suspect.declined': 'the suspect said that it will not answer',
  'suspect.failed': 'the model could not be run on this image',
  'suspect.shape': 'the image has another shape than the suspect takes',
  'suspect.stopped': 'the judge stopped asking',
} as const;

export type Refusal = keyof typeof refusals;
