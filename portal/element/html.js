/**
 * Virtual DOM: describes the page as plain objects, and applies the minimal changes.
 *
 * Text always becomes a text node, and an attribute is always set by name: nothing here parses
 * HTML, so no text of a row can become an element, a script URL, or a handler. An element that
 * stays keeps its node, with its focus, scroll position and input.
 */

import { isSafeUrl } from './sanitize.js';

const SVG = 'http://www.w3.org/2000/svg';
const LISTENERS = Symbol('listeners');

/**
 * Describe an element. `props`: attributes by name (false, null and undefined: none; true: empty),
 * and
 *   key      identifies it among its siblings, if these can be added, removed or reordered
 *   on       listeners by event
 *   style    CSS properties by name
 *   initial  DOM properties that are set only when the element is created: the person's input wins
 *   current  DOM properties of a control whose value is in the state: set whenever they differ
 */
export function h(tag, props, ...children) {
  const { key, on = {}, style = {}, initial = {}, current = {}, ...attributes } = props ?? {};
  return { tag, key, on, style, initial, current, attributes, children: identified(children) };
}

/**
 * Patch the children of `parent` from `before` to `after`. Returns the list to pass as `before` the
 * next time.
 */
export function patch(parent, before, after) {
  const next = identified([after].flat());
  reconcile(parent, before, next);
  return next;
}

/**
 * Flatten children and give each an id: its key, or its index. A child that is left out keeps its
 * index, so its siblings keep their ids.
 */
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

/**
 * `moveBefore` keeps focus and state of a moved node; in other browsers the portal restores the
 * focus.
 */
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
  applyProps(next.node, { attributes: {}, style: {} }, next);
  reconcile(next.node, [], next.children);
  Object.assign(next.node, next.initial, next.current);
}

function update(had, next) {
  next.node = had.node;
  if (next.text !== undefined) {
    if (had.text !== next.text) next.node.data = next.text;
    return;
  }
  applyProps(next.node, had, next);
  reconcile(next.node, had.children, next.children);
  for (const [name, value] of Object.entries(next.current)) if (next.node[name] !== value) next.node[name] = value;
}

function applyProps(node, had, next) {
  for (const name of Object.keys({ ...had.attributes, ...next.attributes })) {
    const value = next.attributes[name];
    if (value === had.attributes[name]) continue;
    if (/^on/i.test(name)) throw new TypeError(`${name} is a listener: it goes into "on"`);
    if (value === undefined || value === null || value === false) node.removeAttribute(name);
    else if ((name === 'href' || name === 'src') && !isSafeUrl(value)) node.removeAttribute(name);
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
