/** One spelling of everything: full-width forms as ASCII, straight apostrophes, single spaces. */
export function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[\u2018\u2019\u02bc]/g, "'")
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .trim();
}

/** Lower-case words without punctuation, for phrases that a message as a whole consists of. */
export function bareWords(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}' ]+/gu, ' ')
    .replaceAll(/ +/g, ' ')
    .trim();
}

const han = /\p{Script=Han}/u;

/** Whether a text is written without spaces between its words. */
export function isChinese(text: string): boolean {
  return han.test(text);
}

/** Longer messages are not the short answers that a flow asks for. */
const mostWords = 3;
const mostCharacters = 6;

/** Whether a message can be meant as an answer to a question, by its length. */
export function isShort(text: string): boolean {
  const words = bareWords(text);
  if (isChinese(words)) return words.replaceAll(' ', '').length <= mostCharacters;
  return words.split(' ').length <= mostWords;
}

const clauseEnd = /[,;:.!?\n。、；：！？~…]/u;

/** Whether no clause ends between two places. */
export function inOneClause(text: string, from: number, to: number): boolean {
  return !clauseEnd.test(text.slice(from, to));
}
