import { countCall } from 'backend/calls.js';
import { errorName } from 'backend/errors.js';
import { sessionMember } from 'backend/members.js';
import { Refused } from 'backend/refusals.js';

/** Maximum number of characters of all arguments of a call, as JSON. */
const MAX_ARGUMENTS = 64 * 1024;

/** Reads of Wix Data that a call takes, about: the link, and one more. */
const READS = 2;

/**
 * Wrap `work(member, ...args)` as a web method for the session's member. `reads(...args)` is the number of reads
 * of Wix Data that a call takes, about: see `calls.js`.
 *
 * Returns the result of `work`, or `{error: {code}}`, with `question` and `reason` for an invalid
 * answer to a form, and `limit` for too_often. The log has only the error's name: its message may contain
 * personal data.
 */
export const memberMethod = (work, reads = (..._args) => READS) => async (...args) => {
  try {
    checkSize(args);
    const member = await sessionMember();
    if (!member) {
      throw new Refused('not_linked');
    }
    countCall(member.id, reads(...args));
    return await work(member, ...args);
  } catch (error) {
    if (error instanceof Refused) {
      return { error: { code: error.code, ...detailsOf(error) } };
    }
    console.error(`gridwix: ${errorName(error)}`);
    return { error: { code: 'unavailable' } };
  }
};

/** What else a refusal says: those of `question`, `reason` and `limit` that it has. */
function detailsOf({ question, reason, limit }) {
  return Object.fromEntries(Object.entries({ question, reason, limit }).filter(([, value]) => value !== null));
}

function checkSize(args) {
  let size;
  try {
    size = JSON.stringify(args).length;
  } catch {
    // Nested too deep, or a cycle.
    throw new Refused('invalid');
  }
  if (size > MAX_ARGUMENTS) {
    throw new Refused('too_large');
  }
}
