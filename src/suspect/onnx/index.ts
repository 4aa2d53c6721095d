export { type OnnxOptions, openOnnxSuspect } from './adapter.js';
export { type OnnxLayout, onnxLayouts } from './tensors.js';
