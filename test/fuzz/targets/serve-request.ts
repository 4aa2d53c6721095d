import { answerRequest, HttpProblem } from '../../../src/suspect/inference-service.js';
import { type FuzzTarget, jsonSeed } from '../target.js';

const model = {
  name: 'm',
  shape: { height: 2, width: 2, channels: 1 },
  classes: 3,
  logits: true,
  predict: (_: Uint8Array, count: number) =>
    Promise.resolve(new Float32Array(3 * count).fill(0.25)),
};

/** A request to `serve-model`. */
export const serveRequest: FuzzTarget = {
  name: 'serve-request',
  seeds: () => [
    jsonSeed({
      inputs: [{ name: 'image', datatype: 'UINT8', shape: [1, 2, 2, 1], data: [1, 2, 3, 4] }],
    }),
    jsonSeed({
      id: 'a',
      inputs: [
        {
          name: 'image',
          datatype: 'UINT8',
          shape: [1, 2, 2, 1],
          data: [
            [
              [[1], [2]],
              [[3], [4]],
            ],
          ],
        },
      ],
      outputs: [{ name: 'label' }],
    }),
  ],
  run: async (input) => {
    try {
      const pathname = '/v2/models/m/infer';
      const answer = await answerRequest({ model, method: 'POST', pathname, body: input });
      return `answered ${Object.keys(answer).join()}`;
    } catch (error) {
      // Its own coded error: the status is the code.
      if (error instanceof HttpProblem)
        return `${error.status} ${error.message.replace(/\d+|".*/g, '').slice(0, 60)}`;
      throw error;
    }
  },
};
