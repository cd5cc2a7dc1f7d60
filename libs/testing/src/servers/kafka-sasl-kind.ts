import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from './certificate.ts';
import { findKafka, kafkaVersion, startKafkaProcess } from './kafka-process.ts';
import type { KafkaExtras } from './kafka-process.ts';
import type { Place } from './own-server.ts';
import type { OwnServer, ServerKind } from './server-kind.ts';

/** How to reach a Kafka cluster that is encrypted and lets only users in. */
export interface KafkaSaslAddress {
  /** `host:port` each. */
  readonly brokers: string[];
  /** The authority whose certificate is to be trusted there (PEM). */
  readonly ca: string;
  readonly username: string;
  readonly password: string;
}

const username = 'parley';

/** One broker that is reached by TLS, with a certificate made for it, and by SASL: PLAIN or SCRAM-SHA-512. */
export const kafkaSaslKind: ServerKind<KafkaSaslAddress> = {
  name: 'Kafka with TLS and SASL',
  variable: 'PARLEY_TEST_KAFKA_SASL',
  program: `Kafka ${kafkaVersion} with Java`,
  find: findKafka,
  parse: (text) => {
    const [brokers = '', user = '', password = '', caFile = ''] = text.split(' ');
    return { brokers: brokers.split(','), username: user, password, ca: readFileSync(caFile, 'utf8') };
  },
  startProgram,
};

async function startProgram(libs: string): Promise<OwnServer<KafkaSaslAddress>> {
  const password = randomUUID();
  const server = await startKafkaProcess(libs, (place) => secureAt(place, password));
  const { spares, folder } = server.address;
  const ca = readFileSync(join(folder, 'cert.pem'), 'utf8');
  return { ...server, address: { brokers: [`127.0.0.1:${spares[1]}`], ca, username, password } };
}

/** A listener beside the one without security, which the broker itself uses. */
function secureAt({ spares, folder, port }: Place, password: string): KafkaExtras {
  const { key, certificate } = makeCertificate(folder);
  const own = (setting: string): string => `listener.name.secure.${setting}`;
  const secure = `SECURE://127.0.0.1:${spares[1]}`;
  const clients = `PLAIN://127.0.0.1:${port},${secure}`;
  const login = 'org.apache.kafka.common.security';
  const settings = {
    listeners: `${clients},CONTROLLER://127.0.0.1:${spares[0]}`,
    'advertised.listeners': clients,
    'listener.security.protocol.map': 'PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
    [own('ssl.keystore.type')]: 'PEM',
    [own('ssl.keystore.key')]: readFileSync(key, 'utf8'),
    [own('ssl.keystore.certificate.chain')]: readFileSync(certificate, 'utf8'),
    [own('sasl.enabled.mechanisms')]: 'PLAIN,SCRAM-SHA-512',
    [own('plain.sasl.jaas.config')]:
      `${login}.plain.PlainLoginModule required user_${username}="${password}";`,
    [own('scram-sha-512.sasl.jaas.config')]: `${login}.scram.ScramLoginModule required;`,
  };
  return { settings, format: ['--add-scram', `SCRAM-SHA-512=[name=${username},password=${password}]`] };
}
