import { createHmac, hkdfSync } from 'node:crypto';
import { ParleyError } from '@parley/kernel';

const keyBytes = 32;
const salt = 'parley/model/kept-sequences';
const tagLength = 32;

/** What one secret of the fleet makes: a key for files, and one for their names. */
interface KeyPair {
  readonly files: Buffer;
  readonly names: Buffer;
}

/** The keys as they travel to an engine host, in base64: nothing leads from them back to the fleet's secret. */
export interface WireKeys {
  readonly files: string;
  readonly names: string;
}

/**
 * The keys of kept sequences: HKDF-SHA256 of each of the fleet's secrets. The first encrypts, all decrypt, so that a
 * rotation of the secret loses nothing.
 */
export class KeptKeys {
  readonly #pairs: readonly KeyPair[];

  private constructor(pairs: readonly KeyPair[]) {
    this.#pairs = pairs;
  }

  /** @throws ParleyError `config_invalid` without any secret. */
  static fromSecrets(secrets: readonly string[]): KeptKeys {
    if (secrets.length === 0) throw new ParleyError('config_invalid', 'The fleet needs at least one secret.');
    const derive = (secret: string, info: string): Buffer =>
      Buffer.from(hkdfSync('sha256', secret, salt, info, keyBytes));
    return new KeptKeys(
      secrets.map((secret) => ({ files: derive(secret, 'files'), names: derive(secret, 'names') })),
    );
  }

  static fromWire(keys: readonly WireKeys[]): KeptKeys {
    return new KeptKeys(
      keys.map(({ files, names }) => ({
        files: Buffer.from(files, 'base64'),
        names: Buffer.from(names, 'base64'),
      })),
    );
  }

  toWire(): WireKeys[] {
    return this.#pairs.map(({ files, names }) => ({
      files: files.toString('base64'),
      names: names.toString('base64'),
    }));
  }

  /** Encrypts; the first of `opening`. */
  get sealing(): Buffer {
    return this.#first.files;
  }

  /** Each may have encrypted a file. */
  get opening(): readonly Buffer[] {
    return this.#pairs.map(({ files }) => files);
  }

  /** The part of a file's name that says whose it is, and tells that to nobody without the secret. */
  scopeTag(own: string): string {
    return tag(this.#first.names, 'scope', Buffer.from(own));
  }

  /** The same under every secret: names from before a rotation among them. */
  scopeTags(own: string): string[] {
    return this.#pairs.map(({ names }) => tag(names, 'scope', Buffer.from(own)));
  }

  /** The part of a file's name that says what is in it. */
  contentTag(content: Uint8Array): string {
    return tag(this.#first.names, 'content', content);
  }

  get #first(): KeyPair {
    const [first] = this.#pairs;
    if (first === undefined) throw new ParleyError('config_invalid', 'The fleet needs at least one secret.');
    return first;
  }
}

function tag(key: Buffer, domain: string, value: Uint8Array): string {
  return createHmac('sha256', key).update(`${domain}\0`).update(value).digest('hex').slice(0, tagLength);
}
