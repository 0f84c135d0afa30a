// Made by `make config`. Do not edit.

export const KEPT = [
  "a",
  "b",
  "blockquote",
  "br",
  "caption",
  "code",
  "dd",
  "div",
  "dl",
  "dt",
  "em",
  "h3",
  "h4",
  "h5",
  "h6",
  "hr",
  "i",
  "li",
  "ol",
  "p",
  "pre",
  "s",
  "strong",
  "sub",
  "sup",
  "table",
  "tbody",
  "td",
  "tfoot",
  "th",
  "thead",
  "tr",
  "u",
  "ul"
];

export const RENAMED = {
  "address": "div",
  "article": "div",
  "aside": "div",
  "center": "div",
  "details": "div",
  "dialog": "div",
  "fieldset": "div",
  "figcaption": "div",
  "figure": "div",
  "footer": "div",
  "form": "div",
  "header": "div",
  "hgroup": "div",
  "legend": "div",
  "main": "div",
  "nav": "div",
  "optgroup": "div",
  "search": "div",
  "section": "div",
  "summary": "div",
  "dir": "ul",
  "menu": "ul",
  "kbd": "code",
  "listing": "code",
  "samp": "code",
  "tt": "code",
  "del": "s",
  "strike": "s",
  "ins": "u"
};

export const DROPPED = [
  "applet",
  "audio",
  "canvas",
  "datalist",
  "embed",
  "frameset",
  "iframe",
  "math",
  "noembed",
  "noframes",
  "noscript",
  "object",
  "script",
  "select",
  "style",
  "svg",
  "template",
  "textarea",
  "title",
  "video",
  "xml",
  "xmp"
];

export const HIGH_HEADINGS = {
  "h1": 1,
  "h2": 2
};

export const TOP_HEADING = 3;

export const LOWEST_HEADING = 6;

export const BLOCKS = [
  "blockquote",
  "caption",
  "dd",
  "div",
  "dl",
  "dt",
  "h3",
  "h4",
  "h5",
  "h6",
  "hr",
  "li",
  "ol",
  "p",
  "pre",
  "table",
  "tr",
  "ul"
];

export const SCHEMES = [
  "https://",
  "mailto:"
];

export const SILENT_SCHEMES = [
  "about",
  "blob",
  "chrome",
  "cid",
  "data",
  "filesystem",
  "javascript",
  "livescript",
  "mhtml",
  "vbscript",
  "view-source",
  "x-apple-data-detectors"
];

export const SPOKEN_SCHEMES = [
  "callto",
  "mailto",
  "sip",
  "sips",
  "sms",
  "tel"
];

export const MAX_DEPTH = 40;
