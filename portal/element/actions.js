/** Runs the member's actions: one at a time by id, each with its result, reference or fault. */

/**
 * Run an action of the member and show its result. Ignored while the same action is running.
 *
 * `work` returns the backend's response. An error that names a question is shown beside the field
 * that `fieldOf` finds for it. `about` is the target of the action: the record counts as answered
 * from now on.
 */
export async function runAction(ui, id, work, { title = '', then = null, fieldOf = () => undefined, about = null } = {}) {
  const { state } = ui;
  const { actions, drafts, faults, partner } = state;
  if (actions.get(id)?.busy) return;
  const done = actions.get(id)?.count ?? 0;
  const progress = (share) => {
    actions.set(id, { busy: true, share, count: done });
    ui.render();
  };
  faults.delete(id);
  progress(null);
  const result = await work(progress);
  const field = result.error?.question && fieldOf(result.error.question);
  if (field) {
    actions.set(id, { count: done });
    faults.set(id, Object.assign(Object.create(null), { [field]: faultText(ui, result.error) }));
  } else if (result.error) {
    const { code, limit } = result.error;
    actions.set(id, { code, limit, count: done });
    ui.announce(ui.error(result.error));
  } else {
    drafts.delete(`${partner?.id ?? ''}/${id}`);
    actions.set(id, { result, count: done + 1 });
    if (about) state.answered.set(`${partner?.id}/${about.record}`, about.version);
    if (result.reference) {
      state.sent = [{ reference: result.reference, title, at: new Date().toISOString(), partner: partner?.id }, ...state.sent];
      ui.announce(ui.t('sent.said', { reference: result.reference }));
    }
    then?.(result);
  }
  ui.focus(field ? `field-${id}-${field}` : `outcome/${id}`);
  if (result.reference) ui.follow();
}

function faultText(ui, error) {
  const { code, reason } = error;
  return ui.known(`fault.refused.${reason}`) ?? ui.known(`fault.refused.${code}`) ?? ui.error(error);
}
