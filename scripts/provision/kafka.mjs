/** The Kafka broker that tests start: its jars from Maven Central, in a cache outside the repository, and Java. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { findProgram } from './debian-packages.mjs';
import { provisionPrograms } from './programs.mjs';

/**
 * The jars of org.apache.kafka:kafka_2.13 at `version` and of org.slf4j:slf4j-simple, by path in the repository, as
 * `mvn dependency:copy-dependencies -Dmdep.useRepositoryLayout=true` resolves them.
 */
const { version, sha256 } = JSON.parse(readFileSync(new URL('./kafka.lock.json', import.meta.url), 'utf8'));

const cache = process.env.PARLEY_CACHE ?? join(homedir(), '.cache', 'parley');
const repository = (process.env.PARLEY_MAVEN_URL ?? 'https://repo1.maven.org/maven2').replace(/\/$/, '');

/** Kafka 4 brokers need Java 17. */
const oldestJava = 17;

const parallel = 4;
const attempts = 4;

function javaVersion() {
  const path = findProgram('java');
  if (path === undefined) return undefined;
  // It writes to stderr. Before Java 9 the version began with `1.`.
  return /version "(?:1\.)?(\d+)/.exec(spawnSync(path, ['-version'], { encoding: 'utf8' }).stderr)?.[1];
}

const java = {
  name: 'Kafka',
  packages: { java: 'default-jre-headless' },
  instead: 'Docker or PARLEY_TEST_KAFKA_BROKERS',
  told: () => {
    const found = javaVersion();
    if (Number(found) >= oldestJava) return { ok: true, text: `Java ${found} is there` };
    return { ok: false, text: `Java ${found ?? '?'} is too old; Kafka needs ${oldestJava} or later` };
  },
};

const isWhole = (bytes, path) => createHash('sha256').update(bytes).digest('hex') === sha256[path];

/** The jar's bytes when `folder` has it whole. */
function jarIn(folder, path) {
  const file = join(folder, basename(path));
  const bytes = existsSync(file) ? readFileSync(file) : undefined;
  return bytes !== undefined && isWhole(bytes, path) ? bytes : undefined;
}

async function fetchJar(path) {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(`${repository}/${path}`, { signal: AbortSignal.timeout(120_000) });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      const bytes = Buffer.from(await response.arrayBuffer());
      if (!isWhole(bytes, path)) throw new Error('the checksum is wrong');
      return bytes;
    } catch (error) {
      const reason = error.cause?.message ?? error.message;
      if (attempt === attempts) throw new Error(`${repository}/${path}: ${reason}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
    }
  }
}

/** Makes the whole folder beside its place, then moves it there: a folder that is there is whole. */
async function fetchJars(home, libs) {
  mkdirSync(home, { recursive: true });
  const work = mkdtempSync(join(home, 'part-'));
  const paths = Object.keys(sha256);
  const worker = async () => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop())
      writeFileSync(join(work, basename(path)), jarIn(libs, path) ?? (await fetchJar(path)));
  };
  try {
    await Promise.all(Array.from({ length: parallel }, worker));
    rmSync(libs, { recursive: true, force: true });
    renameSync(work, libs);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Fetches what is missing. @returns false when it failed. */
export async function provisionKafka() {
  const home = join(cache, 'kafka', version);
  const libs = join(home, 'libs');
  const hasJava = provisionPrograms(java);
  if (Object.keys(sha256).every((path) => jarIn(libs, path) !== undefined)) {
    console.log(`provision: Kafka ${version} is there`);
    return hasJava;
  }
  console.log(`provision: fetching Kafka ${version} (43 MB, Apache-2.0)`);
  // A mirror may have a certificate that only this machine trusts.
  setDefaultCACertificates([...getCACertificates('default'), ...getCACertificates('system')]);
  try {
    await fetchJars(home, libs);
    console.log(`provision: Kafka ${version} is in ${libs}`);
    return hasJava;
  } catch (error) {
    console.error(
      `provision: ${error.message}\nprovision: tests on Kafka will be skipped (in CI they fail).`,
    );
    return false;
  }
}
