import type { Fleet, FleetEvent, ServiceName } from '@parley/fleet';
import { seconds } from './output.ts';

/** What is told of an event while a fleet runs; nothing of those that are only for programs. */
export function eventLine(event: FleetEvent): string | undefined {
  switch (event.type) {
    case 'waiting-for-predecessor':
      return `  waiting for the services of a killed fleet to end (processes ${event.pids.join(', ')})`;
    case 'starting':
      return undefined;
    case 'not-ready':
      return `  ${nameOf(event)} is not ready: ${event.missing}`;
    case 'ready':
      return `  ${nameOf(event)} is ready (${seconds(event.durationMs)})`;
    case 'exited':
      return `  ${nameOf(event)} ${event.reason}`;
    case 'restarting':
      return `  ${nameOf(event)} will be started again in ${event.inMs / 1000} s`;
    case 'stopping':
      return undefined;
    case 'stopped':
      return `  ${event.service} ${event.forced ? 'was killed: it did not end' : 'has stopped'} (${seconds(event.durationMs)})`;
  }
}

/** What is shown when a fleet is ready. */
export function summary(fleet: Fleet, tookMs: number): string {
  const head = ['', `Parley is ready (${seconds(tookMs)}).`, ''];
  const place = `  Data     ${fleet.dataDir}`;
  const tail = ['', 'Ctrl-C stops it.'];
  if (fleet.url === '') {
    const addresses = fleet
      .instances()
      .map((instance) => `  ${nameOf(instance).padEnd(9)}${instance.grpcAddress}`);
    return [...head, ...addresses, place, ...tail].join('\n');
  }
  const urls = fleet.instances().flatMap(({ url }) => (url === undefined ? [] : [url]));
  const grpc = fleet
    .instances()
    .flatMap(({ publicGrpcAddress }) => (publicGrpcAddress === undefined ? [] : [publicGrpcAddress]));
  const access = [
    ...urls.map((url, index) => `  ${index === 0 ? 'URL' : '   '}      ${url}`),
    ...grpc.map((address, index) => `  ${index === 0 ? 'gRPC' : '    '}     ${address}`),
    `  API key  ${fleet.apiKey}`,
  ];
  return [...head, ...access, place, '', 'Say something:', '', curlLine(fleet), ...tail].join('\n');
}

/** The same for programs, on one line. */
export function jsonSummary(fleet: Fleet): string {
  const { url, apiKey, dataDir } = fleet;
  return JSON.stringify({ url, apiKey, dataDir, instances: fleet.instances() });
}

function curlLine(fleet: Fleet): string {
  const body = JSON.stringify({
    model: 'default',
    messages: [{ role: 'user', content: 'Hello! Who are you?' }],
  });
  return [
    `  curl ${fleet.url}/v1/chat/completions \\`,
    `    -H 'Authorization: Bearer ${fleet.apiKey}' \\`,
    "    -H 'Content-Type: application/json' \\",
    `    -d '${body}'`,
  ].join('\n');
}

function nameOf({ service, index }: { service: ServiceName; index: number }): string {
  return index === 0 ? service : `${service} ${index}`;
}
