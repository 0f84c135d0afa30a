import { pickByLocale } from 'backend/inputs.js';
import { TEXTS } from 'backend/texts.js';

/** gridwix's texts in the reader's language. They are those of its configuration. */

/**
 * Return the texts for a locale, best first: `[{language, labels, sentences}]`.
 *
 * The texts of its language come first, then those of the default language that it lacks. Each
 * label group has a neutral label for unknown values. Rows refer to labels by group and value, to
 * sentences by code.
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

/** Return the label of a value in texts from `textsFor`: the neutral one if the value has none. */
export function labelFor(texts, group, value) {
  const groups = texts.map(({ labels }) => labels[group]).filter(Boolean);
  const own = groups.find(({ values }) => Object.hasOwn(values ?? {}, value));
  return own?.values[value] ?? groups.find(({ neutral }) => neutral)?.neutral ?? value;
}
