/** Loads and saves the member's own settings, each by itself. */

import { localeAfterChoice } from './language.js';

/**
 * Load the settings, with labels in the page's language. `state.settings` is `{phase, error, asked,
 * settings, choices}`; settings in another language stay until they are replaced.
 */
export async function loadSettings(ui) {
  const { state } = ui;
  const loading = { ...state.settings, phase: state.settings?.choices ? 'ready' : 'loading', asked: ui.asked };
  state.settings = loading;
  const answer = await ui.ask('getSettings', ui.asked);
  // Meanwhile they may have been asked for in another language, or one of them was saved.
  if (state.settings?.asked !== ui.asked) return;
  const { settings } = state.settings;
  state.settings = answer.error
    ? { ...loading, phase: 'failed', error: answer.error }
    : { phase: 'ready', asked: ui.asked, choices: answer.choices, settings: settings === loading.settings ? answer.settings : settings };
  ui.render();
}

/**
 * Save one setting. `changes` is what `saveSettings` takes. Its result is `state.saves`, by setting:
 * `{busy}`, `{saved}` or `{error}`. Returns whether it was saved; false also while it is being saved.
 *
 * With a language the response has the labels in it, so that the settings need not be loaded again.
 */
export async function saveSetting(ui, setting, changes) {
  const { state } = ui;
  if (state.saves.get(setting)?.busy) return false;
  state.saves.set(setting, { busy: true });
  ui.render();
  const asked = 'language' in changes ? localeAfterChoice(ui.host, changes.language) : null;
  const answer = await ui.ask('saveSettings', changes, ...(asked ? [asked] : []));
  const { error } = answer;
  state.saves.set(setting, error ? { error } : { saved: true });
  if (!error) {
    const labels = asked && answer.choices ? { phase: 'ready', asked, choices: answer.choices } : {};
    state.settings = { ...state.settings, settings: answer.settings, ...labels };
  }
  if (error || !('language' in changes)) {
    ui.announce(error ? notSavedText(ui, error) : ui.t('settings.saved'));
    ui.render();
    return !error;
  }
  state.session.member = { ...state.session.member, language: answer.settings.language };
  // From here on the page speaks the other language.
  const now = ui.relocate();
  now.announce(now.t('settings.saved'));
  return true;
}

/** Say that a setting was not saved: for a limit, until when nothing more is. */
export function notSavedText(ui, error) {
  return error.limit ? ui.error(error) : ui.t('settings.notSaved');
}
