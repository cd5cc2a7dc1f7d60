/** The supervisor that runs Parley's services as processes on this machine. */
export { startFleet } from './start-fleet.ts';
export type { Fleet, FleetEvent, FleetOptions, InstanceState, InstanceStatus, Neighbours } from './fleet.ts';
export { isServiceName, serviceNames, stopOrder } from './service-name.ts';
export type { ServiceName } from './service-name.ts';
export { dataFolderAt, dataFolderFault } from './data-folder.ts';
export type { DataFolder } from './data-folder.ts';
export { readFleetFile } from './fleet-file.ts';
export type { FleetFile } from './fleet-file.ts';
export { checkPortFree, freePorts } from './loopback-ports.ts';
export { requiredNodeMajor } from './node-version.ts';
export { parleyRoot } from './spawn-service.ts';
