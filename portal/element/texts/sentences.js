/**
 * What gridwix says in rows, in the reader's language: labels of values, and sentences that rows name by a code and values beside their text.
 *
 * The backend gives `texts` with a partner's rows, the best first: `[{language, labels, sentences}]`. Without them, and for what they do not have, the row's own
 * text is shown, which is in the default language.
 */

import { createDates } from '../dates.js';

/** The language in which rows carry their texts. */
const DEFAULT = 'en';

/** How deep sentences may stand within each other. */
const DEEPEST = 3;

/** `words` is the translator of the element's own words, `texts` gives what the backend has sent, or nothing yet. `dates` are for what stands by itself. */
export function speaker(words, timeZone, texts) {
  const formats = new Map();
  const chain = () => texts() ?? [];

  /** How a language writes dates and numbers; the reader's own locale where it is one of that language. */
  function formatOf(language) {
    if (!formats.has(language)) {
      const locale = words.asked.split('-')[0] === language ? words.asked : language;
      formats.set(language, { dates: createDates(locale, timeZone), numbers: new Intl.NumberFormat(locale), plurals: new Intl.PluralRules(language) });
    }
    return formats.get(language);
  }

  /** The first of the languages in which `find` finds something: `{language, text}`. */
  function first(find) {
    for (const one of chain()) {
      const text = find(one);
      if (text !== undefined) return { language: one.language, text };
    }
    return undefined;
  }

  /** A text of a configuration that has none in the reader's language can still be one that was shipped in English. */
  const inReaders = ({ language, text }) => (language === DEFAULT ? words.label(text) : text);

  const labelled = (group, value) => first(({ labels }) => own(own(labels, group)?.values, value));
  const neutral = (group) => first(({ labels }) => own(labels, group)?.neutral);

  /**
   * The label of a value of a row, which has `plain` for it. A value that nobody knows has the neutral one; one that is only unknown to what the backend has
   * sent, since the row is newer, keeps its own.
   */
  function labelOf(group, value, plain) {
    // In the row's own language its label is at least as new as any other.
    if ((chain()[0]?.language ?? DEFAULT) === DEFAULT) return plain && words.label(plain);
    const found = labelled(group, value) ?? (chain().some(({ labels }) => own(labels, group)?.neutral === plain) ? neutral(group) : undefined);
    return found ? inReaders(found) : plain && words.label(plain);
  }

  /** The label of a code that rows have as it is, such as 850. */
  function nameOf(group, code) {
    const found = labelled(group, code);
    return found ? inReaders(found) : words.label(code);
  }

  /** Undefined for a sentence that is not known here, or of which a value is missing. */
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

  /** A value within a sentence: a text of somebody else's as it is, all others as the sentence's language has them. */
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
    /** A text field of a row, or of an entry in one: gridwix's own in the reader's language, and as it is where people have written it. */
    textOf: (row, field) => sentence(own(row.sentences, field)) ?? (row[field] && words.label(row[field])),
  };
}

function own(object, name) {
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}
