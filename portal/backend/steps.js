/** What a partner may act on in an onboarding program. `gridwix/mapping/step_actions.py` has the same rule. Pure. */

const ACTIONABLE = ['available', 'in_progress', 'changes_requested'];
const OWNERS = ['partner', 'joint'];

/**
 * True if a step of an enrollment waits for the partner, who may report it as done. A step of another
 * owner, or of none, is not the partner's; in an approval the hub decides, whoever owns it.
 */
export function isForPartner(enrollment, step) {
  return enrollment.active === true && OWNERS.includes(step.owner) && step.kind !== 'approval' && ACTIONABLE.includes(step.status);
}
