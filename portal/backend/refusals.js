/**
 * What a caller may be told: not_linked, not_yours, not_found, invalid, too_large or unavailable. It never says why, or of whom; of an answer to a form it
 * says which `question` it belongs to, by its target.
 */
export class Refused extends Error {
  constructor(code, question = null) {
    super(code);
    this.name = 'Refused';
    this.code = code;
    this.question = question;
  }
}
