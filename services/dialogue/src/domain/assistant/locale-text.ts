/** A text in several languages: locale -> text, for example `en` and `zh-CN`. */
export type LocaleText = Readonly<Record<string, string>>;

const chinese = /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]/u;

/**
 * The locales to answer in, best first. What the caller asks for counts; where it asks for nothing, the script that
 * the user writes does.
 * @param languages as in Accept-Language; '' and `*` ask for nothing.
 */
export function localesOf(languages: string, userText: string): readonly string[] {
  const asked = acceptedLanguages(languages);
  if (asked.length > 0) return asked;
  return [chinese.test(userText) ? 'zh-CN' : 'en'];
}

/** The text in the best of the locales, else in English, else in any; '' when there is none at all. */
export function textFor(texts: LocaleText, locales: readonly string[]): string {
  for (const locale of [...locales, 'en']) {
    const key = bestKey(Object.keys(texts), locale);
    if (key !== undefined) return texts[key] ?? '';
  }
  return Object.values(texts)[0] ?? '';
}

/** The same locale, else one of the same language. */
function bestKey(keys: readonly string[], locale: string): string | undefined {
  const wanted = locale.toLowerCase();
  return (
    keys.find((key) => key.toLowerCase() === wanted) ??
    keys.find((key) => languageOf(key) === languageOf(wanted))
  );
}

function languageOf(locale: string): string {
  return locale.toLowerCase().split('-', 1)[0] ?? '';
}

function acceptedLanguages(header: string): readonly string[] {
  const weighted = header.split(',').flatMap((entry) => {
    const [tag = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    const weight = Number(quality);
    return /^[a-z]{1,8}(-[a-z0-9]{1,8})*$/i.test(tag) && weight > 0 ? [{ tag, weight }] : [];
  });
  return weighted.toSorted((a, b) => b.weight - a.weight).map(({ tag }) => tag);
}
