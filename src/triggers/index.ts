export { abstractImage } from './abstract.js';
export { contactSheet } from './contact-sheet.js';
export { abstractImages, distance, leastDistance } from './distinct.js';
export { imagesFromSecret } from './from-secret.js';
export { type ImportedTriggers, importTriggers } from './import.js';
export { joinLabels, type TriggerWarning } from './labels.js';
