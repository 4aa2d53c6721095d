export { combineChannels, gradientSums, moments, rectifiedGradient, scaleChannels } from './channels';
export { convolve, filterGradient, slidingFilterGradient } from './convolution';
export { scratchBytes } from './task';
