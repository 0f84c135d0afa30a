/**
 * An error that the caller sees: not_linked, not_yours, not_allowed, not_found, not_possible, invalid,
 * too_large or unavailable; of an invitation also other_address and address_not_verified; of people also
 * already_member, already_invited, last_admin, too_many and too_often.
 *
 * It contains no personal data. For an answer to a form it has the target of its `question`, and a
 * `reason` if that helps to correct it, such as `gln.check_digit`.
 */
export class Refused extends Error {
  constructor(code, question = null, reason = null) {
    super(code);
    this.name = 'Refused';
    this.code = code;
    this.question = question;
    this.reason = reason;
  }
}
