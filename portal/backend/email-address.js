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

/** Maximum number of bytes before the `@` (RFC 5321, section 4.5.3.1.1). */
const MAX_LOCAL = 64;

/** Quoted names, addresses of hosts in brackets, and characters that nobody sees are none. */
const LOCAL = /^[^\s@"(),:;<>[\\\]\p{C}]+$/u;
const PUBLIC_DOMAIN = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Return the normal form of the address of a person who is to be invited; null for what is no address
 * of one person at a public domain. The rule is that of `gridwix.people.addresses`.
 */
export function personAddress(text) {
  const address = normalAddress(text);
  const at = address?.lastIndexOf('@') ?? -1;
  const [local, domain] = [address?.slice(0, at), address?.slice(at + 1)];
  const isPerson = address !== null && LOCAL.test(local) && !/^\.|\.$|\.\./.test(local) && Buffer.byteLength(local) <= MAX_LOCAL;
  return isPerson && PUBLIC_DOMAIN.test(domain) && !/\.\d+$/.test(domain) ? address : null;
}
