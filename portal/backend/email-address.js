/** Maximum number of characters of an address (RFC 5321, section 4.5.3.1.3). */
const MAX_LENGTH = 254;

/** What would be another part of a URL than its host. */
const DOMAIN = /^[^\s/?#:@\\[\]%]+$/;

/**
 * Return an email address as addresses are compared: trimmed, NFC, in lowercase, its domain in ASCII
 * (IDNA). Null for what is none. `gridwix people` writes invitations in the same form.
 */
export function normalAddress(text) {
  if (typeof text !== 'string' || text.length > 2 * MAX_LENGTH) {
    return null;
  }
  const written = text.trim().normalize('NFC').toLowerCase();
  const at = written.lastIndexOf('@');
  const [local, domain] = [written.slice(0, at), asciiDomain(written.slice(at + 1))];
  const address = `${local}@${domain}`;
  return at < 1 || /\s/.test(local) || !domain || address.length > MAX_LENGTH ? null : address;
}

function asciiDomain(domain) {
  try {
    return DOMAIN.test(domain) ? new URL(`https://${domain}`).hostname : null;
  } catch {
    return null;
  }
}
