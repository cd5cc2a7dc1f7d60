/** Finds where a JSON object or array ends in text that comes in pieces; what lies between is not checked. */
export class JsonEnd {
  #depth = 0;
  #inString = false;
  #escaped = false;

  /**
   * Reads on. The very first character must open the value.
   * @returns the index behind the value's end in `text`; undefined: it is not complete yet
   */
  push(text: string): number | undefined {
    for (let at = 0; at < text.length; at++) {
      this.#take(text.charAt(at));
      if (this.#depth === 0) return at + 1;
    }
    return undefined;
  }

  #take(character: string): void {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (character === '\\') this.#escaped = true;
      else if (character === '"') this.#inString = false;
    } else if (character === '"') this.#inString = true;
    else if (character === '{' || character === '[') this.#depth++;
    else if (character === '}' || character === ']') this.#depth--;
  }
}
