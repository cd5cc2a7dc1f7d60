import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SourceWorld } from './source-world.ts';
import { kafkaSettings } from './kafka-settings.ts';
import type { KafkaListeners } from './kafka-settings.ts';
import { startOwnServer, untilReady } from './own-server.ts';
import type { Place } from './own-server.ts';
import { runProgram } from './run-program.ts';
import type { OwnServer } from './server-kind.ts';
import { thisMachine } from './this-machine.ts';

/** The version that tests run on: that of `scripts/provision/kafka.lock.json`. */
export const kafkaVersion = '4.1.0';

/** What a broker logs when it serves. */
export const kafkaStarted = 'Kafka Server started';

/** Which cluster a data folder belongs to. */
export const clusterId = 'parley-test-cluster-00';

/** The folder with Kafka's jars; undefined without them or without Java. */
export function findKafka(world: Pick<SourceWorld, 'variable' | 'findProgram'>): string | undefined {
  const cache = world.variable('PARLEY_CACHE') ?? join(homedir(), '.cache', 'parley');
  const libs = join(cache, 'kafka', kafkaVersion, 'libs');
  return world.findProgram('java') !== undefined && existsSync(libs) ? libs : undefined;
}

/** What one kind of broker has beside the settings of all. */
export interface KafkaExtras {
  readonly settings: Readonly<Record<string, string>>;
  /** More arguments of Kafka's StorageTool, such as users. */
  readonly format: readonly string[];
}

const noExtras: KafkaExtras = { settings: {}, format: [] };

/** A broker on a loopback port; its first spare port is the controller's. */
export async function startKafkaProcess(
  libs: string,
  extrasAt: (place: Place) => KafkaExtras = () => noExtras,
): Promise<OwnServer<Place>> {
  const java = thisMachine.findProgram('java');
  if (java === undefined) throw new Error('java is not installed (npm run provision does that)');
  return startOwnServer(async (place) => {
    const { settings, format } = extrasAt(place);
    const file = join(place.folder, 'server.properties');
    const all = { ...kafkaSettings(loopback(place)), 'log.dirs': join(place.folder, 'data'), ...settings };
    writeFileSync(file, propertiesText(all), { mode: 0o600 });
    const tool = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file, ...format];
    await promisify(execFile)(java, [...javaOptions(libs), ...tool], { timeout: 60_000 });
    return async () => {
      const running = await runProgram(java, [...javaOptions(libs), 'kafka.Kafka', file], place.folder);
      return untilReady(running, async () => requireStarted(running.wrote(kafkaStarted)), {
        name: 'Kafka',
        timeoutMs: 60_000,
        everyMs: 50,
      });
    };
  });
}

function loopback({ port, spares: [controller] }: Place): KafkaListeners {
  return { plain: `127.0.0.1:${port}`, controller: `127.0.0.1:${controller}` };
}

/** A quick start on little memory; the log has warnings and that the server started. */
function javaOptions(libs: string): string[] {
  const logger = '-Dorg.slf4j.simpleLogger';
  const logs = [`${logger}.defaultLogLevel=warn`, `${logger}.log.kafka.server.KafkaRaftServer=info`];
  const quick = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  return [...quick, ...logs, '-cp', join(libs, '*')];
}

/** The text of a file of Java properties: a backslash begins an escape there, and a line ends a value. */
function propertiesText(settings: Readonly<Record<string, string>>): string {
  const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('');
}

function requireStarted(started: boolean): void {
  if (!started) throw new Error('it has not started yet');
}
