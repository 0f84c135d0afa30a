/** The language of the page: the member's own choice, else that of the site's page. */

import { createTranslator } from './texts/index.js';
import { createRowTexts } from './texts/sentences.js';

/** Return the locale for texts and dates, of the page's and the language that the member has chosen. */
export function chooseLocale(page, chosen) {
  // The page may know the region, too: en-US is English.
  return chosen && page.split(/[-_]/)[0].toLowerCase() !== chosen ? chosen : page;
}

/** Return the locale in which the element asks for texts if the member has chosen this language; null: none. */
export function localeAfterChoice(element, chosen) {
  return translatorFor(element, chosen).asked;
}

/** The texts and date formats of the element's language, for rows, too, and its state. */
export function createLanguage(element, state) {
  const words = translatorFor(element, state.session?.member?.language);
  const rows = createRowTexts(words, element.getAttribute('time-zone'), () => state.data?.texts);
  const error = (failure, options) => words.error(failure, { ...options, shownTime: (time) => rows.dates.recent(time) });
  return { ...words, ...rows, error, state };
}

function translatorFor(element, chosen) {
  const page = element.getAttribute('locale') || element.ownerDocument.documentElement.lang || navigator.language;
  return createTranslator(chooseLocale(page, chosen));
}
