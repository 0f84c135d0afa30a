import { inLocale } from 'backend/inputs.js';
import { TEXTS } from 'backend/texts.js';

/** What gridwix says, in the reader's language. The texts are those of gridwix's configuration. */

/**
 * The texts for a locale, the best first: `[{language, labels, sentences}]`. Those of its language, and of the default one what that does not have,
 * and the neutral labels, by which a value without a label is known. Rows name labels by their group and value, and sentences by their code.
 */
export function textsFor(locale) {
  const language = inLocale(Object.fromEntries(Object.keys(TEXTS).map((one) => [one, one])), locale);
  const own = { language, ...TEXTS[language] };
  return language === 'en' ? [own] : [own, { language: 'en', ...without(TEXTS.en, own) }];
}

function without({ labels, sentences }, own) {
  const groups = Object.entries(labels).map(([name, { neutral, values }]) => [name, { neutral, values: missing(values, own.labels[name]?.values ?? {}) }]);
  return { labels: Object.fromEntries(groups), sentences: missing(sentences, own.sentences) };
}

function missing(all, had) {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(had, name)));
}
