/** What a user may ask for; `auto` takes the first of the others that is there, except `cpu`. */
export const backendChoices = ['auto', 'cuda', 'native', 'webgpu', 'wasm', 'cpu'] as const;
export type BackendChoice = (typeof backendChoices)[number];

export type BackendName = Exclude<BackendChoice, 'auto'>;

/** What `auto` tries, in this order. */
export const automaticOrder = ['cuda', 'native', 'webgpu', 'wasm'] as const satisfies BackendName[];

/** The packages that each backend needs, with the versions that fit; those of wasm and cpu come with veilmark. */
export const backendPackages: Readonly<Record<BackendName, readonly string[]>> = {
  cuda: ['@tensorflow/tfjs-node-gpu@4.22.0'],
  native: ['@tensorflow/tfjs-node@4.22.0'],
  webgpu: ['webgpu@0.6.2', '@tensorflow/tfjs-backend-webgpu@4.22.0'],
  wasm: ['@tensorflow/tfjs-backend-wasm@4.22.0'],
  cpu: ['@tensorflow/tfjs-backend-cpu@4.22.0'],
};

/** What the packages need besides, as plainly as can be. */
export const cudaNeeds =
  'CUDA 11 (11.2 or later, not 12) and cuDNN 8 on the library path, on Linux or Windows of x86-64: the package is built for TensorFlow 2.9.1';
export const webGpuNeeds =
  'a graphics processor with its driver: Vulkan with libvulkan.so.1 on Linux (apt-get install libvulkan1), D3D12 on Windows, Metal on macOS';

const install = (name: BackendName): string => `npm install ${backendPackages[name].join(' ')}`;

/** How to get each backend. */
export const howToGet: Readonly<Record<BackendName, string>> = {
  cuda: `${install('cuda')}; it needs an NVIDIA GPU, ${cudaNeeds}`,
  native: `${install('native')}; its install step downloads TensorFlow 2.9.1 from Google's storage`,
  webgpu: `${install('webgpu')}; it needs ${webGpuNeeds}`,
  wasm: 'reinstall veilmark: the package is one of its dependencies',
  cpu: 'reinstall veilmark: the package is one of its dependencies',
};
