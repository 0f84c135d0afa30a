/**
 * Sanitizes sanitizeHtml text and URLs from outside.
 *
 * The server has sanitized them with the same allowlist. Here the browser's own sanitizer parses
 * the HTML if it has one, else a parser whose document runs and loads nothing. The result is built
 * anew from the allowlist: only the tags below are ever created. Nothing is serialized and parsed
 * again, which is where sanitizers fail (mutation XSS).
 */

import { h } from './html.js';

const TAGS = new Set('p br strong b em i u s ul ol li a code pre blockquote h3 h4 table thead tbody tr th td'.split(' '));
const DROPPED = new Set('script style template noscript iframe object embed svg math textarea select title xmp noembed noframes'.split(' '));
const MAX_HTML = 20_000;
const MAX_DEPTH = 40;

/** Sanitize HTML to elements for the page. */
export function sanitizeHtml(html) {
  if (typeof html !== 'string') return [];
  const text = html.slice(0, MAX_HTML);
  const parsed = Document.parseHTML ? Document.parseHTML(text) : new DOMParser().parseFromString(text, 'text/html');
  return children(parsed.body, 0);
}

function children(node, depth) {
  return [...node.childNodes].map((child) => {
    if (child.nodeType === Node.TEXT_NODE) return child.data;
    if (child.nodeType !== Node.ELEMENT_NODE || depth > MAX_DEPTH) return null;
    const tag = child.localName;
    if (DROPPED.has(tag)) return null;
    if (!TAGS.has(tag)) return children(child, depth + 1);
    return h(heading(tag), attributes(child, tag), children(child, depth + 1));
  });
}

/** Headings in a text are below those of the page. */
function heading(tag) {
  return { h3: 'h5', h4: 'h6' }[tag] ?? tag;
}

function attributes(node, tag) {
  const href = node.getAttribute('href');
  if (tag !== 'a' || !isRichTextUrl(href)) return {};
  return { href, title: node.getAttribute('title'), target: '_blank', rel: 'noopener noreferrer nofollow' };
}

/** Absolute URLs of `https:` and `mailto:` only, as on the server. */
function isRichTextUrl(text) {
  return /^(https:\/\/|mailto:)/i.test(text ?? '') && isSafeUrl(text);
}

/**
 * Return the URL of a picture in the site's own media, stored as `wix:image://v1/<file>/<name>`;
 * null for anything else.
 */
export function pictureUrl(text) {
  const file = /^wix:image:\/\/v1\/([\w~-][\w.~-]*)(?:[/#]|$)/.exec(text ?? '')?.[1];
  return file ? `https://static.wixstatic.com/media/${file}` : null;
}

/**
 * True for URLs that may be opened or sent to: https, mailto, and http on this machine, for trying
 * out the portal.
 */
export function isSafeUrl(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return false;
  }
  if (url.protocol === 'https:' || url.protocol === 'mailto:') return true;
  return url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}
