/**
 * gridwix's own texts in rows, in the reader's language: labels of values, and sentences with
 * values.
 *
 * The backend sends `texts` with a partner's rows, best first: `[{language, labels, sentences}]`.
 * For missing texts, the row's own text is shown, which is in the default language.
 */

import { createDates } from '../dates.js';

/** The language of the texts in rows. */
const DEFAULT = 'en';

/** Maximum depth of nested sentences. */
const DEEPEST = 3;

/**
 * `words` translates the element's own texts, `texts` returns those of the backend, if loaded.
 * `dates` are for values outside of sentences.
 */
export function createRowTexts(words, timeZone, texts) {
  const formats = new Map();
  const chain = () => texts() ?? [];

  /** Formats of a language; the reader's own locale if it is of that language. */
  function formatOf(language) {
    if (!formats.has(language)) {
      const locale = words.asked.split('-')[0] === language ? words.asked : language;
      formats.set(language, { dates: createDates(locale, timeZone), numbers: new Intl.NumberFormat(locale), plurals: new Intl.PluralRules(language) });
    }
    return formats.get(language);
  }

  /** Return the first language in which `find` succeeds: `{language, text}`. */
  function first(find) {
    for (const one of chain()) {
      const text = find(one);
      if (text !== undefined) return { language: one.language, text };
    }
    return undefined;
  }

  /**
   * A text that a configuration has only in English may be a shipped one, which has a translation.
   */
  const inReaders = ({ language, text }) => (language === DEFAULT ? words.label(text) : text);

  const labelled = (group, value) => first(({ labels }) => own(own(labels, group)?.values, value));
  const neutral = (group) => first(({ labels }) => own(labels, group)?.neutral);

  /**
   * Return the label of a row's value; `plain` is the row's own.
   *
   * An unknown value gets the neutral label. A value that only the backend's texts do not know,
   * because the row is newer, keeps its own.
   */
  function labelOf(group, value, plain) {
    // In the row's own language its label is at least as new as any other.
    if ((chain()[0]?.language ?? DEFAULT) === DEFAULT) return plain && words.label(plain);
    const found = labelled(group, value) ?? (chain().some(({ labels }) => own(labels, group)?.neutral === plain) ? neutral(group) : undefined);
    return found ? inReaders(found) : plain && words.label(plain);
  }

  /** Return the label of a code that rows carry unchanged, such as 850. */
  function nameOf(group, code) {
    const found = labelled(group, code);
    return found ? inReaders(found) : words.label(code);
  }

  /** Return a sentence; undefined if it is unknown, or if a value is missing. */
  function sentence(said, depth = 0) {
    const { code, values } = said ?? {};
    const found = depth < DEEPEST ? first(({ sentences }) => own(sentences, code)) : undefined;
    if (!found) return undefined;
    const { language, text } = found;
    const form = typeof text === 'object' ? (text[formatOf(language).plurals.select(values?.count)] ?? text.other) : text;
    let complete = true;
    const whole = form.replace(/\{(\w+)\}/g, (place, name) => {
      const value = valueIn(own(values, name), language, depth);
      complete &&= value !== undefined;
      return value;
    });
    if (!complete) return undefined;
    return language === DEFAULT && !Object.keys(values ?? {}).length ? words.label(whole) : whole;
  }

  /**
   * Format a value in a sentence: texts of other people unchanged, others in the sentence's
   * language.
   */
  function valueIn(value, language, depth) {
    const { numbers, dates } = formatOf(language);
    if (typeof value === 'number') return numbers.format(value);
    if (typeof value === 'string') return value;
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) {
      const all = value.map((one) => sentence(one, depth + 1));
      return all.every((one) => one !== undefined) ? all.join(' ') : undefined;
    }
    if (value.code) return sentence(value, depth + 1);
    if (value.group) return (labelled(value.group, value.value) ?? neutral(value.group))?.text;
    return value.day ? dates.day(value.day) : value.at ? dates.moment(value.at) : undefined;
  }

  return {
    dates: createDates(words.locale, timeZone),
    labelOf,
    nameOf,
    /**
     * A text field of a row or of an entry: gridwix's own text in the reader's language, other
     * people's unchanged.
     */
    textOf: (row, field) => sentence(own(row.sentences, field)) ?? (row[field] && words.label(row[field])),
  };
}

function own(object, name) {
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}
