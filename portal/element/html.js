/**
 * What the screen should show, as plain objects, and the smallest change of the page that makes it so.
 *
 * Text is always a text node and an attribute is always set by name: nothing here parses HTML, so nothing that a row says can become an element, an
 * address that runs, or a handler. An element that stays keeps its node, and with it its focus, its scroll position and what somebody is typing.
 */

import { safeAddress } from './sanitize.js';

const SVG = 'http://www.w3.org/2000/svg';
const LISTENERS = Symbol('listeners');

/**
 * An element. `props`: attributes by name (false, null and undefined: none; true: empty), and
 *   key      which one it is among its neighbours, where they can come, go or change places
 *   on       listeners by event
 *   style    CSS properties by name
 *   initial  DOM properties that are set when the element is made, and never again: what a person changes is theirs
 */
export function h(tag, props, ...children) {
  const { key, on = {}, style = {}, initial = {}, ...attributes } = props ?? {};
  return { tag, key, on, style, initial, attributes, children: identified(children) };
}

/** Make the children of `parent`, which were `before`, to be `after`; gives them, to be passed the next time. */
export function patch(parent, before, after) {
  const next = identified([after].flat());
  reconcile(parent, before, next);
  return next;
}

/** One list with an identity for each child: its key, or its place. A child that is left out keeps its place, so its neighbours stay who they are. */
function identified(children, path = '', into = [], seen = new Set()) {
  children.forEach((child, index) => {
    if (Array.isArray(child)) return void identified(child, `${path}${index}/`, into, seen);
    if (child === null || child === undefined || child === '' || typeof child === 'boolean') return;
    const node = typeof child === 'object' ? child : { text: String(child) };
    node.id = `${path}${node.key ?? `#${index}`}|${node.tag ?? ''}`;
    while (seen.has(node.id)) node.id += '~';
    seen.add(node.id);
    into.push(node);
  });
  return into;
}

function reconcile(parent, before, after) {
  const old = new Map(before.map((node) => [node.id, node]));
  for (const next of after) {
    const had = old.get(next.id);
    old.delete(next.id);
    if (had) update(had, next);
    else create(next, parent);
  }
  for (const gone of old.values()) gone.node.remove();
  let at = parent.firstChild;
  for (const { node } of after) {
    if (node === at) at = at.nextSibling;
    else place(parent, node, at);
  }
}

/** `moveBefore` keeps focus and state of what is moved; where a browser lacks it, the portal gives the focus back. */
function place(parent, node, at) {
  if (node.parentNode === parent && parent.moveBefore) parent.moveBefore(node, at);
  else parent.insertBefore(node, at);
}

function create(next, parent) {
  if (next.text !== undefined) {
    next.node = document.createTextNode(next.text);
    return;
  }
  const namespace = next.tag === 'svg' || parent.namespaceURI === SVG ? SVG : 'http://www.w3.org/1999/xhtml';
  next.node = document.createElementNS(namespace, next.tag);
  dress(next.node, { attributes: {}, style: {} }, next);
  reconcile(next.node, [], next.children);
  Object.assign(next.node, next.initial);
}

function update(had, next) {
  next.node = had.node;
  if (next.text !== undefined) {
    if (had.text !== next.text) next.node.data = next.text;
    return;
  }
  dress(next.node, had, next);
  reconcile(next.node, had.children, next.children);
}

function dress(node, had, next) {
  for (const name of Object.keys({ ...had.attributes, ...next.attributes })) {
    const value = next.attributes[name];
    if (value === had.attributes[name]) continue;
    if (/^on/i.test(name)) throw new TypeError(`${name} is a listener: it goes into "on"`);
    if (value === undefined || value === null || value === false) node.removeAttribute(name);
    else if ((name === 'href' || name === 'src') && !safeAddress(value)) node.removeAttribute(name);
    else node.setAttribute(name, value === true ? '' : value);
  }
  for (const name of Object.keys({ ...had.style, ...next.style })) {
    if (next.style[name] !== had.style[name]) node.style.setProperty(name, next.style[name] ?? '');
  }
  node[LISTENERS] ??= {};
  for (const kind of Object.keys(next.on)) {
    if (!(kind in node[LISTENERS])) node.addEventListener(kind, (event) => node[LISTENERS][kind]?.(event));
  }
  for (const kind of Object.keys({ ...node[LISTENERS], ...next.on })) node[LISTENERS][kind] = next.on[kind];
}
