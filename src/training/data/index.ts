export { builtinFolder, loadBuiltin } from './builtin.js';
export { loadFolder } from './folder.js';
export { type IdxArray, idxDataset, idxLimit, parseIdx, unpack } from './idx.js';
export { loadIdxFolder } from './idx-folder.js';
export { type DatasetOptions, loadDataset } from './load.js';
