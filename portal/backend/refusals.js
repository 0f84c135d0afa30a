/**
 * What a caller may be told: not_linked, not_yours, not_found, invalid, too_large or unavailable. It never says of whom; of an answer to a form it says which
 * `question` it belongs to, by its target, and for what `reason` it does not fit, where that helps to mend it: such as `gln.check_digit`.
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
