export { ControlData } from './control-data.ts';
export type { ControlDataParts, ControlWatch } from './control-data.ts';
