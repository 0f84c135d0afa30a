import { pickByLocale } from 'backend/inputs.js';
import { TEXTS } from 'backend/texts.js';

/** What gridwix says, in the reader's language. The texts are those of gridwix's configuration. */

/**
 * The texts for a locale, the best first: `[{language, labels, sentences}]`. Those of its language, and of the default one what that does not have,
 * and the neutral labels, by which a value without a label is known. Rows name labels by their group and value, and sentences by their code.
 */
export function textsFor(locale) {
  const language = pickByLocale(Object.fromEntries(Object.keys(TEXTS).map((one) => [one, one])), locale);
  const own = { language, ...TEXTS[language] };
  return language === 'en' ? [own] : [own, { language: 'en', ...textsMissingIn(TEXTS.en, own) }];
}

function textsMissingIn({ labels, sentences }, own) {
  const groups = Object.entries(labels).map(([name, { neutral, values }]) => [name, { neutral, values: entriesMissingIn(values, own.labels[name]?.values ?? {}) }]);
  return { labels: Object.fromEntries(groups), sentences: entriesMissingIn(sentences, own.sentences) };
}

function entriesMissingIn(all, had) {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(had, name)));
}
