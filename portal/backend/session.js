import { errorName } from 'backend/errors.js';
import { sessionMember } from 'backend/members.js';
import { Refused } from 'backend/refusals.js';

/** Maximum number of characters of all arguments of a call, as JSON. */
const MAX_ARGUMENTS = 64 * 1024;

/**
 * Wrap `work(member, ...args)` as a web method for the session's member.
 *
 * Returns the result of `work`, or `{error: {code}}`, with `question` and `reason` for an invalid
 * answer to a form. The log has only the error's name: its message may contain personal data.
 */
export const memberMethod = (work) => async (...args) => {
  try {
    checkSize(args);
    const member = await sessionMember();
    if (!member) {
      throw new Refused('not_linked');
    }
    return await work(member, ...args);
  } catch (error) {
    if (error instanceof Refused) {
      const { code, question, reason } = error;
      return { error: { code, ...(question === null ? {} : { question }), ...(reason === null ? {} : { reason }) } };
    }
    console.error(`gridwix: ${errorName(error)}`);
    return { error: { code: 'unavailable' } };
  }
};

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
