import { sessionMember } from 'backend/members.js';
import { Refused } from 'backend/refusals.js';

/** Characters of all arguments of a call together, as JSON. */
const MAX_ARGUMENTS = 64 * 1024;

/**
 * A web method around `work(member, ...args)`: the member is the session's. Answers what `work` answers, or `{error: {code}}`,
 * with the `question` of a form whose answer is refused, and the `reason`. A log line names the error alone, since its message may hold what somebody wrote.
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

function errorName(error) {
  return [error?.code, error?.name].find((name) => /^\w{1,60}$/.test(name)) ?? 'Error';
}

function checkSize(args) {
  let size;
  try {
    size = JSON.stringify(args).length;
  } catch {
    // What is nested too deep, or contains itself.
    throw new Refused('invalid');
  }
  if (size > MAX_ARGUMENTS) {
    throw new Refused('too_large');
  }
}
