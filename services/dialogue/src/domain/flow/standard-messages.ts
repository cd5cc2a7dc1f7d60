import type { LocaleText } from '../assistant/locale-text.ts';

/** What every flow can say. A document may say it in its own words: a message of the same name takes the place. */
export const standardMessages: Readonly<Record<string, LocaleText>> = {
  cancelled: { en: 'All right, I have cancelled it.', 'zh-CN': '好的，已经取消了。' },
  corrected: { en: 'Changed to {value}.', 'zh-CN': '已改为{value}。' },
  edit: { en: 'What shall I change?', 'zh-CN': '要改哪里呢？' },
  restarted: { en: 'Let us start again.', 'zh-CN': '好的，我们重新开始。' },
  stuck: {
    en: 'I am sorry, we are not getting anywhere. Shall I cancel it? (yes / no)',
    'zh-CN': '抱歉，我一直没听明白。要取消吗？（是／否）',
  },
  unclear: { en: 'Sorry, I did not get that.', 'zh-CN': '抱歉，我没听明白。' },
};

/** Stands in a message for the value that it is about. */
export const valuePlaceholder = 'value';
