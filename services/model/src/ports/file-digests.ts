/** Tells files apart by their content. */
export interface FileDigests {
  /**
   * The file's sha256 as 64 lower-case hex digits, and its size.
   * @throws ParleyError `config_invalid` when the file cannot be read.
   */
  digest(path: string, signal: AbortSignal): Promise<FileDigest>;
  /** The digest and size of several files that are one model: the sha256 of their digests, a line each. */
  whole(parts: readonly FileDigest[]): FileDigest;
}

export interface FileDigest {
  readonly sha256: string;
  readonly bytes: number;
}
