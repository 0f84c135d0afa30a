/**
 * Formats dates in the reader's language and time zone. A text that is not a date is shown
 * unchanged.
 */

/**
 * Days as gridwix writes them in its sentences and messages (`DAY_FORMATS` of `mapping/days.py`), so
 * that a page has one shape of dates. Other languages have their own.
 */
const DAY_FORMATS = {
  en: ['en-GB', { day: 'numeric', month: 'short', year: 'numeric' }],
  de: ['de', { day: 'numeric', month: 'numeric', year: 'numeric' }],
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function createDates(locale, timeZone) {
  const zone = known(timeZone);
  const format = (options, inZone = zone, language = locale) => new Intl.DateTimeFormat(language, { ...options, timeZone: inZone });
  const [language, shape] = DAY_FORMATS[locale.split('-')[0]] ?? [locale, { dateStyle: 'medium' }];
  const day = format(shape, zone, language);
  // A calendar day has no time zone: 20 March is 20 March everywhere.
  const calendarDay = format(shape, 'UTC', language);
  const clock = format({ timeStyle: 'short' });
  const moment = { format: (date) => `${day.format(date)}, ${clock.format(date)}` };
  const exact = format({ dateStyle: 'full', timeStyle: 'long' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

  return {
    /** 20 Mar 2026 */
    day: (text) => shown(text, (date) => (DAY.test(text) ? calendarDay : day).format(date)),
    /** 20 Mar 2026, 14:05 */
    moment: (text) => shown(text, (date) => (DAY.test(text) ? calendarDay : moment).format(date)),
    /** 14:05 for today, else with the date. */
    recent: (text, now = new Date()) => shown(text, (date) => (day.format(date) === day.format(now) ? clock : moment).format(date)),
    /** Full date and time, with the time zone. */
    exact: (text) => shown(text, (date) => (DAY.test(text) ? calendarDay : exact).format(date)),
    /** in 3 days, yesterday; counted in calendar days of the reader. */
    away: (text, now = new Date()) => shown(text, () => relative.format(daysAway(text, now, zone), 'day')),
    /** Calendar days from now; negative if the date is in the past. */
    daysAway: (text, now = new Date()) => daysAway(text, now, zone),
  };
}

function shown(text, format) {
  if (!text) return '';
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? String(text) : format(date);
}

function daysAway(text, now, timeZone) {
  const number = (value, zone) => Date.parse(new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(value)) / 86_400_000;
  const date = new Date(text);
  if (!text || Number.isNaN(date.getTime())) return NaN;
  return number(date, DAY.test(text) ? 'UTC' : timeZone) - number(now, timeZone);
}

/** An unknown time zone would throw at every date: the browser's own is used instead. */
function known(timeZone) {
  try {
    return timeZone ? new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone : undefined;
  } catch {
    return undefined;
  }
}
