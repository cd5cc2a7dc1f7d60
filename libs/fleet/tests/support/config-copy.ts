import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configs } from './test-fleet.ts';

const tinyPath = '../../libs/tiny-model/model/parley-tiny.gguf';

/** A copy of the shipped config folder that a test may change; removed with it. */
export class ConfigCopy implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'parley-config-'));

  constructor() {
    cpSync(configs.shipped, this.dir, { recursive: true });
    this.change('models/parley-tiny.yaml', (text) =>
      text.replace(tinyPath, join(configs.shipped, 'models', tinyPath)),
    );
  }

  read(file: string): string {
    return readFileSync(join(this.dir, file), 'utf8');
  }

  write(file: string, content: string | Uint8Array): void {
    writeFileSync(join(this.dir, file), content);
  }

  /** Writes what `edit` makes of the file. @throws Error when it makes no difference. */
  change(file: string, edit: (text: string) => string): void {
    const before = this.read(file);
    const after = edit(before);
    if (after === before) throw new Error(`${file} is as it was`);
    this.write(file, after);
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A model document that makes answers up. */
export const simulatedModel = `apiVersion: parley/v1
kind: Model
metadata: { name: simulated, version: 1.0.0, title: { en: Made-up answers. } }
spec:
  engine: simulated
  firstTokenMs: 20
  tokenMs: 2
  tokens: 24
  context: { tokens: 4096, slots: 64 }
`;
