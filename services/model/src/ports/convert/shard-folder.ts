/** A model as its makers published it: safetensors files, with its configuration and tokenizer beside them. */
export interface ShardFolder {
  /** Absolute. */
  readonly path: string;
  /** Its last part, for messages and names. */
  readonly name: string;
  /** As `config.json` says: `LlamaForCausalLM`. */
  readonly architecture: string;
  /** The files with weights, in order of name. */
  readonly shards: readonly string[];
  /** All files that tell what the model is, the shards among them, in order of name. */
  readonly files: readonly string[];
  /** About what a GGUF file of it takes, in 16 bits. */
  readonly resultBytes: number;
}

/** Folders of this machine that may hold such models. */
export interface ShardFolders {
  /**
   * Reads what is there, and of each shard its header.
   * @throws ParleyError `config_invalid` that names what is missing, cut off or something else, and where.
   */
  read(path: string, signal: AbortSignal): Promise<ShardFolder>;
  /** Whether the path is a folder with safetensors files and no GGUF file. Never rejects. */
  holdsShards(path: string): Promise<boolean>;
  /** The sha256 of the digests and names of all its files. @throws as `read`; the signal's reason. */
  digest(folder: ShardFolder, signal: AbortSignal): Promise<string>;
}
