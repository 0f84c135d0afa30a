/** What a caller may be told: not_linked, not_yours, not_found, invalid, too_large or unavailable. It never says why, or of whom. */
export class Refused extends Error {
  constructor(code) {
    super(code);
    this.name = 'Refused';
    this.code = code;
  }
}
