/**
 * Rich text and addresses that come from outside, made harmless once more.
 *
 * The server has cleaned them already, with the same list. Here they are read by the browser's own sanitizer where it has one, else by a parser whose
 * document runs nothing and loads nothing, and built anew from the list: only what is named below is ever made. Nothing is written out and parsed a
 * second time, which is where cleaners get fooled.
 */

import { h } from './html.js';

const TAGS = new Set('p br strong b em i u s ul ol li a code pre blockquote h3 h4 table thead tbody tr th td'.split(' '));
const DROPPED = new Set('script style template noscript iframe object embed svg math textarea select title xmp noembed noframes'.split(' '));
const MAX_HTML = 20_000;
const MAX_DEPTH = 40;

/** The text as elements for the page. */
export function rich(html) {
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

/** A text's own headings go below those of the page. */
function heading(tag) {
  return { h3: 'h5', h4: 'h6' }[tag] ?? tag;
}

function attributes(node, tag) {
  const href = node.getAttribute('href');
  if (tag !== 'a' || !richAddress(href)) return {};
  return { href, title: node.getAttribute('title'), target: '_blank', rel: 'noopener noreferrer nofollow' };
}

/** Whole addresses of `https:` and `mailto:` only, as on the server. */
function richAddress(text) {
  return /^(https:\/\/|mailto:)/i.test(text ?? '') && safeAddress(text);
}

/** The address of a picture of the site's own media, of which Wix keeps `wix:image://v1/<file>/<name>`; null for anything else. */
export function pictureAddress(text) {
  const file = /^wix:image:\/\/v1\/([\w~-][\w.~-]*)(?:[/#]|$)/.exec(text ?? '')?.[1];
  return file ? `https://static.wixstatic.com/media/${file}` : null;
}

/** What may be opened or sent to: https, e-mail, and plain http on this machine, where the portal is tried out. */
export function safeAddress(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    return false;
  }
  if (url.protocol === 'https:' || url.protocol === 'mailto:') return true;
  return url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}
