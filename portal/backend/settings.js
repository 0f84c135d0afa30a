import { createHash } from 'crypto';
import wixData from 'wix-data';
import { CHOICES } from 'backend/choices.js';
import { CONSISTENT, ELEVATED } from 'backend/data.js';
import { errorName } from 'backend/errors.js';
import { readLocale, readObject } from 'backend/inputs.js';
import { labelFor, textsFor } from 'backend/languages.js';
import { Refused } from 'backend/refusals.js';

/**
 * A member's own settings: language, quiet hours, and which messages it gets on which channel.
 *
 * Each setting is a row of its own with a fixed `_id`, so two tabs that save at once lose nothing:
 * the last writer wins per setting. gridwix reads the rows when it sends a message
 * (`member_settings.py`). A setting without a row, or with an empty value, has its default.
 */

const SETTINGS = 'MemberSettings';

const LANGUAGE = 'language';
const QUIET_HOURS = 'quietHours';

/** More rows than a member can have settings. */
const MOST_ROWS = 500;

/** Maximum length of the quiet hours, in minutes: they leave some time for messages each day. */
const LONGEST_QUIET = 16 * 60;

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;
const QUIET_VALUE = /^(\d\d:\d\d)-(\d\d:\d\d) (\S{1,100})$/;

/**
 * Return `{settings, choices}` of a member, with the choices' labels in a language.
 *
 * `settings` is `{language, quietHours, messages}`: `language` is null for the one that Wix knows;
 * `quietHours` is `{begins, ends, timeZone}`, or null for those of the hub alone; `messages` is
 * `{group: {channel: true or false}}`, with each switch that the member can change.
 *
 * `choices` is `{languages: [{key, label}], quietHours, longestQuietMinutes, timeZones, groups}`.
 * `quietHours` `{begins, ends}` are those of the hub, in the partner's time zone, or null. A group
 * is `{key, label, areas, channels: [{key, label, fixed}]}`; its messages are about records of the
 * `areas`; `fixed` is null for a switch that the member can change, or `{reason, label}` for one that
 * is always on.
 */
export async function settingsOf(member, wanted) {
  return { settings: await readSettings(member.id), choices: choicesFor(readLocale(wanted)) };
}

/**
 * Save the settings that `changes` has, in the format of `settings`, and no others. Returns
 * `{settings}`, and `choices` with the labels in the language `wanted`, unless that is null. Throws
 * Refused: invalid for anything that cannot be chosen.
 */
export async function changeSettings(member, changes, wanted) {
  const values = readChanges(changes);
  const stored = await storedValues(member.id);
  const items = Object.entries(values)
    .filter(([setting, value]) => (stored[setting] ?? '') !== value)
    .map(([setting, value]) => ({ _id: settingId(member.id, setting), memberId: member.id, setting, value }));
  if (items.length) {
    const { errors = [] } = await wixData.bulkSave(SETTINGS, items, ELEVATED);
    if (errors.length) {
      throw new Refused('unavailable');
    }
  }
  return { settings: toSettings({ ...stored, ...values }), ...(wanted === null ? {} : { choices: choicesFor(readLocale(wanted)) }) };
}

/**
 * Return the language that a member has chosen; null for none, and if the settings cannot be read: a
 * page without them is still a page.
 */
export async function chosenLanguage(memberId) {
  try {
    return (await readSettings(memberId)).language;
  } catch (error) {
    console.error(`gridwix: ${errorName(error)}`);
    return null;
  }
}

/** Return the `_id` of a setting: a member has each at most once. */
function settingId(memberId, setting) {
  return createHash('sha256').update(`${memberId}/${setting}`).digest('hex').slice(0, 32);
}

function messageSetting(group, channel) {
  return `messages/${group}/${channel}`;
}

async function readSettings(memberId) {
  return toSettings(await storedValues(memberId));
}

async function storedValues(memberId) {
  const { items } = await wixData.query(SETTINGS).eq('memberId', memberId).ascending('_id').limit(MOST_ROWS).find(CONSISTENT);
  return Object.fromEntries(items.filter(({ setting, value }) => typeof setting === 'string' && typeof value === 'string').map(({ setting, value }) => [setting, value]));
}

/** The stored values in the format of the page. A value that cannot be chosen any more counts as the default. */
function toSettings(values) {
  const [, begins, ends, timeZone] = QUIET_VALUE.exec(values[QUIET_HOURS] ?? '') ?? [];
  const messages = {};
  for (const [group, channel] of switches()) {
    messages[group] = { ...messages[group], [channel]: values[messageSetting(group, channel)] !== 'off' };
  }
  return {
    language: CHOICES.languages.includes(values[LANGUAGE]) ? values[LANGUAGE] : null,
    quietHours: begins ? { begins, ends, timeZone } : null,
    messages,
  };
}

/** The `[group, channel]` that a member can turn off. */
function switches() {
  return Object.entries(CHOICES.groups).flatMap(([group, channels]) =>
    Object.entries(channels)
      .filter(([, fixed]) => fixed === null)
      .map(([channel]) => [group, channel]),
  );
}

/** Read changes as values by setting. Throws Refused. */
function readChanges(changes) {
  const { language, quietHours, messages, ...others } = readObject(changes, 10);
  if (Object.keys(others).length) {
    throw new Refused('invalid');
  }
  return {
    ...(language === undefined ? {} : { [LANGUAGE]: readLanguage(language) }),
    ...(quietHours === undefined ? {} : { [QUIET_HOURS]: readQuietHours(quietHours) }),
    ...(messages === undefined ? {} : readMessages(messages)),
  };
}

function readLanguage(language) {
  if (language !== null && !CHOICES.languages.includes(language)) {
    throw new Refused('invalid');
  }
  return language ?? '';
}

function readQuietHours(quietHours) {
  if (quietHours === null) {
    return '';
  }
  const { begins, ends, timeZone, ...others } = readObject(quietHours, 10);
  const length = (minutesOf(ends) - minutesOf(begins) + 24 * 60) % (24 * 60);
  if (Object.keys(others).length || length === 0 || length > LONGEST_QUIET || !CHOICES.timeZones.includes(timeZone)) {
    throw new Refused('invalid');
  }
  return `${begins}-${ends} ${timeZone}`;
}

function minutesOf(clock) {
  const [, hours, minutes] = (typeof clock === 'string' && CLOCK.exec(clock)) || [];
  if (hours === undefined) {
    throw new Refused('invalid');
  }
  return Number(hours) * 60 + Number(minutes);
}

function readMessages(messages) {
  const known = switches();
  const values = {};
  for (const [group, channels] of Object.entries(readObject(messages, 100))) {
    for (const [channel, on] of Object.entries(readObject(channels, 10))) {
      if (typeof on !== 'boolean' || !known.some(([one, other]) => one === group && other === channel)) {
        throw new Refused('invalid');
      }
      values[messageSetting(group, channel)] = on ? 'on' : 'off';
    }
  }
  return values;
}

function choicesFor(locale) {
  const texts = textsFor(locale);
  const reason = (fixed) => (fixed === null ? null : { reason: fixed, label: labelFor(texts, 'message.fixed', fixed) });
  return {
    languages: CHOICES.languages.map((key) => ({ key, label: languageName(key) })),
    quietHours: CHOICES.quietHours,
    longestQuietMinutes: LONGEST_QUIET,
    timeZones: CHOICES.timeZones,
    groups: Object.entries(CHOICES.groups).map(([key, channels]) => ({
      key,
      label: labelFor(texts, 'message.group', key),
      areas: CHOICES.areas[key] ?? [],
      channels: Object.entries(channels).map(([channel, fixed]) => ({ key: channel, label: labelFor(texts, 'message.channel', channel), fixed: reason(fixed) })),
    })),
  };
}

/** The name of a language in that language, as its speakers look for it. */
export function languageName(key) {
  return new Intl.DisplayNames([key], { type: 'language' }).of(key) ?? key;
}
