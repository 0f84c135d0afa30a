/** Search and pages of a list. Pure. */

/** Rows on a page of a list. */
export const PAGE_SIZE = 25;

/**
 * Return a text for comparison: upper case, without accents. Upper case, because that is where
 * `ß` and `ss`, or the two forms of sigma, are alike.
 */
export function normalize(text) {
  return String(text ?? '')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toUpperCase();
}

/** Return the words of a search, for `matches`. */
export function wordsOf(search) {
  return normalize(search).split(/\s+/).filter(Boolean);
}

/** True if a text, from `normalize`, has all the words, each anywhere. */
export function matches(words, normalized) {
  return words.every((word) => normalized.includes(word));
}

/**
 * Return the page of a list that shows what is wanted: `{page, pages, from, to}`; `from` and `to`
 * are the places of its first row and of the one after its last. A page that the list does not have
 * is its last.
 */
export function pageAt(count, wanted, size = PAGE_SIZE) {
  const pages = Math.max(1, Math.ceil(count / size));
  const page = Math.min(Math.max(1, wanted), pages);
  return { page, pages, from: (page - 1) * size, to: Math.min(page * size, count) };
}

/** Return the page numbers to offer: the first, the last and those around the page; null is a gap. */
export function pageNumbers(page, pages) {
  const near = [1, page - 1, page, page + 1, pages].filter((number) => number >= 1 && number <= pages);
  const numbers = [...new Set(near)].sort((one, other) => one - other);
  return numbers.flatMap((number, place) => {
    const gap = number - (numbers[place - 1] ?? 0) - 1;
    // A gap of one page is that page.
    return gap === 1 ? [number - 1, number] : gap ? [null, number] : [number];
  });
}
