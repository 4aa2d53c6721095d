export { reportJson } from './json.js';
export type { KnownAttack } from './lead.js';
export { reportPage, type ReportInput } from './page.js';
