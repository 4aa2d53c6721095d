import { Type, type Static } from 'typebox';
import { Check } from 'typebox/value';

import { type Image, sameShape, type Shape } from '../../base/index.js';
import type { Answer, Suspect } from '../../protocol/index.js';
import { answerInBatches, type BatchAnswer } from '../batching.js';
import { describeSuspect } from '../descriptor.js';
import { checkModelName, parseEndpoint } from '../endpoint.js';
import { tryOut } from '../first-question.js';
import { dataUrl, describePng, mostEnlargement, pngOf } from '../image-encoding.js';
import { requestJson, type RequestOptions } from '../request.js';
import { promptFor, readWords } from './prompt.js';

export interface ChatOptions extends RequestOptions {
  /** What comes before `v1/chat/completions`; a path that ends with `/v1` is taken to hold it. */
  readonly url: string;
  readonly model: string;
  readonly shape: Shape;
  readonly classNames: readonly string[];
  /** Factor by which images are enlarged; by default the least that gives sides of 224 pixels. */
  readonly enlargement?: number | undefined;
}

/** A letter, a number or a name, and room for a model that adds a word. */
const mostTokens = 32;

const Content = Type.Union([
  Type.String(),
  Type.Array(Type.Object({ type: Type.String(), text: Type.Optional(Type.String()) }), {
    maxItems: 100,
  }),
]);
const Nothing = Type.Union([Type.Null(), Type.String()]);

/** The parts of a completion that are read; a refusal stands beside the content. */
const Completion = Type.Object({
  choices: Type.Array(
    Type.Object({
      finish_reason: Type.Optional(Nothing),
      message: Type.Object({
        content: Type.Optional(Type.Union([Content, Type.Null()])),
        refusal: Type.Optional(Nothing),
      }),
    }),
    { minItems: 1, maxItems: 1 },
  ),
});

/**
 * A suspect that chats about pictures, behind `POST v1/chat/completions`: one fixed prompt lists the classes, the image comes
 * as a PNG, temperature 0. Asks one harmless question at once.
 *
 * Throws `InputError` `suspect.url`, `suspect.classes`; `EnvironmentError` with the code of a refusal where no chat
 * completion came. Later it refuses instead.
 */
export async function chatSuspect(options: ChatOptions): Promise<Suspect> {
  const { model, shape, classNames } = options;
  const base = parseEndpoint(options.url);
  checkModelName(model);
  const url = new URL(
    base.pathname.endsWith('/v1/') ? 'chat/completions' : 'v1/chat/completions',
    base,
  );
  const enlargement = options.enlargement ?? enlargementFor(shape);
  const prompt = promptFor(classNames);
  const ask = async ([image]: readonly Image[], signal?: AbortSignal): Promise<BatchAnswer> => {
    if (image === undefined || !sameShape(image.shape, shape)) return 'suspect.shape';
    const picture = { url: dataUrl(await pngOf(image, enlargement)) };
    const content = [
      { type: 'text', text: prompt.text },
      { type: 'image_url', image_url: picture },
    ];
    const messages = [{ role: 'user', content }];
    const body = { model, temperature: 0, max_tokens: mostTokens, messages };
    const reply = await requestJson(url, { ...options, body, signal });
    if ('failed' in reply) return reply.failed;
    if (!Check(Completion, reply.body)) return 'suspect.garbage';
    return [readCompletion(reply.body, (words) => readWords(words, prompt, classNames))];
  };
  const suspect: Suspect = {
    ...describeSuspect({
      kind: 'chat',
      identity: `${url.href} ${model}`,
      shape,
      classes: classNames.length,
      preprocessing: describePng(enlargement),
      settings: {
        classNames,
        maxTokens: mostTokens,
        codes: prompt.codes ?? [],
        prompt: prompt.text,
        temperature: 0,
      },
    }),
    batchSize: 1,
    classify: (images, signal) =>
      answerInBatches({ images, signal, batchSize: 1, ask: (batch) => ask(batch, signal) }),
    close: () => Promise.resolve(),
  };
  await tryOut(suspect, {
    shape,
    what: url.href,
    hint: 'check address, name of the model and key; the model must take pictures, temperature 0 and max_tokens',
    // A model may find no class for a picture of nothing.
    tolerated: ['suspect.answer', 'suspect.declined'],
    signal: options.signal,
  });
  return suspect;
}

/** Vision models cut pictures into tiles and see little in a picture of 28 pixels. */
function enlargementFor({ height, width }: Shape): number {
  return Math.min(mostEnlargement, Math.max(1, Math.ceil(224 / Math.min(height, width))));
}

function readCompletion(
  { choices }: Static<typeof Completion>,
  read: (words: string) => Answer,
): Answer {
  const [choice] = choices;
  const declined = choice?.finish_reason === 'content_filter' || Boolean(choice?.message.refusal);
  if (declined) return { refused: 'suspect.declined' };
  const { content } = choice?.message ?? {};
  if (typeof content === 'string') return read(content);
  return read((content ?? []).map(({ type, text = '' }) => (type === 'text' ? text : '')).join(''));
}
