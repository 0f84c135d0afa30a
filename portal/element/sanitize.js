/**
 * Sanitizes rich text and URLs from outside.
 *
 * The server has sanitized rich texts by the same list, `html-rules.js`, in the same way. Here the
 * browser's own sanitizer parses the HTML if it has one, else a parser whose document runs and loads
 * nothing. The result is built anew from the list: only its elements are ever created. Nothing is
 * serialized and parsed again, which is where sanitizers fail (mutation XSS).
 */

import { BLOCKS, DROPPED, HIGH_HEADINGS, KEPT, LOWEST_HEADING, MAX_DEPTH, RENAMED, SCHEMES, SILENT_SCHEMES, SPOKEN_SCHEMES, TOP_HEADING } from './html-rules.js';
import { h } from './html.js';

/** What the server sends is no longer than this. Texts of the site's own editors may be. */
const MAX_HTML = 20_000;
/** Characters within which a cut looks back for the end of a word. */
const LONGEST_WORD = 60;

/** Headings in a text are below those of the page. */
const PAGE_HEADINGS = { h3: 'h5', h4: 'h6', h5: 'h6' };

/** Of the browser's sanitizer: its own list would remove the words of Word's and old elements. */
const SANITIZER = { removeElements: ['script', 'style', 'template', 'iframe', 'object', 'embed'] };

/** Sanitize HTML to elements for the page. */
export function sanitizeHtml(html) {
  if (typeof html !== 'string') return [];
  const isLong = html.length > MAX_HTML;
  // The parser drops a tag that broke off, and would show a character reference that did.
  const text = isLong ? beginningOf(html).replace(/&#?\w{0,32}$/, '') : html;
  // The server parses all of it as the body, too: a head knows other elements.
  const page = `<body>${text}`;
  const { body } = Document.parseHTML ? Document.parseHTML(page, { sanitizer: SANITIZER }) : new DOMParser().parseFromString(page, 'text/html');
  if (isLong) markCut(body);
  const levels = Object.keys(HIGH_HEADINGS).filter((tag) => body.querySelector(tag));
  const shift = TOP_HEADING - Math.min(TOP_HEADING, ...levels.map((tag) => HIGH_HEADINGS[tag]));
  return children(body, { depth: 0, shift });
}

/** The beginning of a text that is too long: it ends with a word, or at least with a whole letter. */
function beginningOf(text) {
  const start = MAX_HTML - LONGEST_WORD;
  const near = text.slice(start, MAX_HTML + LONGEST_WORD);
  const space = near.slice(0, LONGEST_WORD + 1).search(/\s\S*$/);
  return text.slice(0, start + (space < 0 ? new Intl.Segmenter().segment(near).containing(LONGEST_WORD).index : space));
}

/** Write an ellipsis after the last words that are shown. */
function markCut(body) {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const dropped = DROPPED.join(',');
  let last = null;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.data.trim() && !node.parentElement.closest(dropped)) last = node;
  }
  if (last) last.data = `${last.data.trimEnd()}…`;
}

/** The text of what `sanitizeHtml` returns. */
export function textOf(nodes, between = '') {
  return nodes
    .flat(Infinity)
    .map((node) => (typeof node === 'string' ? node : (node?.text ?? textOf(node?.children ?? [], between))))
    .join(between);
}

function children(node, place) {
  return [...node.childNodes].map((child) => {
    if (child.nodeType === Node.TEXT_NODE) return child.data;
    if (child.nodeType !== Node.ELEMENT_NODE || isHidden(child)) return null;
    return element(child, place);
  });
}

function isHidden(node) {
  return DROPPED.includes(node.localName) || node.hasAttribute('hidden') || styleOf(node).display === 'none';
}

function element(node, { depth, shift }) {
  const tag = node.localName;
  if (tag === 'img') return picture(node);
  if (tag === 'br' || tag === 'hr') return h(tag);
  const written = writtenTag(node, shift);
  const isAllowed = KEPT.includes(written);
  const href = tag === 'a' ? node.getAttribute('href') : null;
  const stays = isAllowed && depth < MAX_DEPTH && (tag !== 'a' || isRichTextUrl(href));
  const inner = children(node, { depth: depth + (stays ? 1 : 0), shift });
  const content = href === null ? inner : withAddress(node, href, inner, stays);
  if (!stays) return BLOCKS.includes(written) ? endedLine(content) : content;
  return h(PAGE_HEADINGS[written] ?? written, stays && tag === 'a' ? linkAttributes(node, href) : null, content);
}

/** The content of a block that lies too deep: one end of a line, however many blocks end there. */
function endedLine(content) {
  const last = content.flat(Infinity).findLast((node) => node !== null && node !== '');
  return last === undefined || last.tag === 'br' ? content : [content, h('br')];
}

function linkAttributes(node, href) {
  return { href, title: node.getAttribute('title'), target: '_blank', rel: 'noopener noreferrer nofollow' };
}

function writtenTag(node, shift) {
  const tag = node.localName;
  const level = HIGH_HEADINGS[tag] ?? (/^h[3-6]$/.test(tag) ? Number(tag[1]) : 0);
  if (level) return `h${Math.min(LOWEST_HEADING, level + shift)}`;
  const style = styleOf(node);
  // Google Docs wraps a whole text so.
  if (['b', 'strong'].includes(tag) && ['normal', '400'].includes(style['font-weight'])) return null;
  if (['span', 'font'].includes(tag)) {
    return (style['text-decoration-line'] ?? style['text-decoration'] ?? '').includes('line-through') ? 's' : null;
  }
  return Object.hasOwn(RENAMED, tag) ? RENAMED[tag] : tag;
}

function styleOf(node) {
  const text = node.getAttribute('style') ?? '';
  const found = text.matchAll(/(?:^|;)\s*(display|font-weight|text-decoration|text-decoration-line)\s*:\s*([^;!]+)/gi);
  return Object.fromEntries([...found].map(([, name, value]) => [name.toLowerCase(), value.trim().toLowerCase()]));
}

/** A picture leaves its text. */
function picture(node) {
  const text = (node.getAttribute('alt') ?? '').trim();
  return text ? ` ${text} ` : null;
}

/** A link that may not stay leaves its address where it says more, and one with a picture alone. */
function withAddress(node, href, content, stays) {
  const words = textOf(content);
  const isBlank = words.trim() === '';
  if ((stays && !isBlank) || (isBlank && !node.querySelector('img'))) return content;
  const beside = addressBeside(href, words);
  return beside ? [content, isBlank ? beside : ` (${beside})`] : content;
}

/** The address of a link as text for its reader; empty if it says no more than the words. */
function addressBeside(href, words) {
  const address = href.replace(/[\u0000-\u001f]+/g, '').trim();
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1].toLowerCase() ?? '';
  if (!address || address.startsWith('#') || SILENT_SCHEMES.includes(scheme)) return '';
  const shown = SPOKEN_SCHEMES.includes(scheme) ? address.slice(scheme.length + 1) : address;
  return lettersOf(words).includes(lettersOf(shown.replace(/^(?:https?:)?\/\/(?:www\.)?/i, ''))) ? '' : shown;
}

function lettersOf(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

/** Absolute URLs of `https:` and `mailto:` only, as on the server. */
function isRichTextUrl(text) {
  return SCHEMES.some((scheme) => (text ?? '').trim().toLowerCase().startsWith(scheme)) && isSafeUrl(text);
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
