import { ParleyError } from '@parley/kernel';

/** Where an alias points. It is never changed, only replaced: who has one sees one state of things. */
export interface AliasPointer {
  readonly alias: string;
  /** Name of the model. */
  readonly model: string;
  /** From 1; grows by one with every move. */
  readonly generation: number;
  /** Where a rollback would move it. */
  readonly previous: string | undefined;
  /** The model whose document claims the alias, and the sha256 of that document. */
  readonly configured: string;
  readonly document: string;
  /** It was switched to a model that cannot be had. */
  readonly wanted?: { readonly model: string; readonly reason: string };
}

/** Where what is in effect differs from the files. */
export interface Drift {
  readonly subject: string;
  readonly configured: string;
  readonly actual: string;
}

/** The aliases and where they point now. */
export class AliasTable {
  readonly #pointers = new Map<string, AliasPointer>();

  /** All of them, in the order of their documents. */
  get all(): readonly AliasPointer[] {
    return [...this.#pointers.values()];
  }

  get(alias: string): AliasPointer | undefined {
    return this.#pointers.get(alias);
  }

  /** @throws ParleyError `not_found` that names what there is. */
  require(alias: string): AliasPointer {
    const pointer = this.#pointers.get(alias);
    if (pointer !== undefined) return pointer;
    const known = [...this.#pointers.keys()].join(', ') || 'none';
    const message = `There is no alias "${alias}"; there are: ${known}. A model's document names its aliases.`;
    throw new ParleyError('not_found', message, { param: 'alias' });
  }

  set(pointer: AliasPointer): void {
    this.#pointers.set(pointer.alias, pointer);
  }

  /** The aliases that point to a model. */
  of(model: string): string[] {
    return this.all.filter((pointer) => pointer.model === model).map(({ alias }) => alias);
  }

  /** Aliases that do not mean what their documents say. */
  get drifts(): readonly Drift[] {
    return this.all.flatMap(({ alias, configured, model, wanted }) => {
      const subject = `alias ${alias}`;
      if (wanted !== undefined) {
        const actual = `${model}, because ${wanted.model}, to which it was switched, cannot be had: ${wanted.reason}`;
        return [{ subject, configured, actual }];
      }
      return configured === model ? [] : [{ subject, configured, actual: model }];
    });
  }
}

/** The pointer after a move to `model`. */
export function movedTo(pointer: AliasPointer, model: string): AliasPointer {
  const { wanted: _, ...rest } = pointer;
  return { ...rest, model, generation: pointer.generation + 1, previous: pointer.model };
}
