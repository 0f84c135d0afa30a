/**
 * An error that the caller sees: not_linked, not_yours, not_allowed, not_found, not_possible, invalid,
 * too_large, too_often or unavailable; of an invitation also other_address and address_not_verified; of people
 * also already_member, already_invited, last_admin and too_many.
 *
 * It contains no personal data. For an answer to a form it has the target of its `question`, and a
 * `reason` if that helps to correct it, such as `gln.check_digit`. For too_often it has the `limit`.
 */
export class Refused extends Error {
  constructor(code, question = null, reason = null, limit = null) {
    super(code);
    this.name = 'Refused';
    this.code = code;
    this.question = question;
    this.reason = reason;
    this.limit = limit;
  }
}

/** Return the refusal of one more action of a kind than `most`, until a time (Unix milliseconds). */
export function tooOften(kind, most, until) {
  return new Refused('too_often', null, null, { kind, most, until: new Date(until).toISOString() });
}
