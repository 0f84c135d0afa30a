/** Loads the people of the open partner, and changes them, for its administrators. */

/**
 * Load who acts for the partner and who is invited. `state.people` is `{partner, phase, error, said, people,
 * invitations, rows, roles, languages, more}`; `rows` are invitations and people together, each with its
 * `status`, member, invited or expired; `said` is the result of the last change, `{key, values}`. What was
 * loaded before stays until it is replaced.
 */
export async function loadPeople(ui, said = null) {
  const { state } = ui;
  const { id } = state.partner;
  const known = state.people?.partner === id ? state.people : null;
  const loading = { ...known, partner: id, said, phase: known?.people ? 'ready' : 'loading' };
  state.people = loading;
  const answer = await ui.ask('getPeople', id);
  // Meanwhile another partner, or another view, was opened, or they were asked for again.
  if (state.people !== loading) return;
  const { error } = answer;
  state.people = error ? { ...loading, phase: 'failed', error } : { partner: id, phase: 'ready', said, ...answer, rows: rowsOf(answer) };
  ui.render();
}

function rowsOf({ people, invitations }) {
  return [
    ...invitations.map((one) => ({ ...one, status: one.expired ? 'expired' : 'invited' })),
    ...people.map((one) => ({ ...one, status: 'member' })),
  ];
}

/**
 * Return what `ui.run` takes for a change: `then` shows the lists anew, with what was done. A change of the
 * member's own access begins the page anew, since it may see less from now on.
 */
export function afterChange(ui, key, values, { isOwn = false } = {}) {
  return {
    then: async () => {
      ui.announce(ui.t(key, values));
      if (isOwn) {
        ui.state.people = null;
        await ui.restart();
        return;
      }
      await loadPeople(ui, { key, values });
      ui.focus('people/said');
    },
  };
}
