import { crc32 } from 'node:zlib';

/** A zip file that holds these files as they are, not compressed (APPNOTE.TXT 4.3). */
export function zipOf(files: Readonly<Record<string, Buffer>>): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const path = Buffer.from(name);
    const local = Buffer.concat([header(0x04034b50, 30, content, path), path, content]);
    const entry = Buffer.concat([header(0x02014b50, 46, content, path), path]);
    entry.writeUInt32LE(offset, 42);
    locals.push(local);
    entries.push(entry);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** The head of a local file (30 bytes) or of an entry of the directory (46 bytes): the same fields, two bytes apart. */
function header(signature: number, length: number, content: Buffer, path: Buffer): Buffer {
  const head = Buffer.alloc(length);
  const at = length === 46 ? 2 : 0;
  head.writeUInt32LE(signature, 0);
  head.writeUInt16LE(20, 4 + at);
  head.writeUInt32LE(crc32(content), 14 + at);
  head.writeUInt32LE(content.length, 18 + at);
  head.writeUInt32LE(content.length, 22 + at);
  head.writeUInt16LE(path.length, 26 + at);
  return head;
}
