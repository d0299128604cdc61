import DOMPurify from 'dompurify'

/** Source: client-server API, m.room.message, what `formatted_body` may hold. */
const tags = [
  ...['a', 'b', 'blockquote', 'br', 'caption', 'code', 'del', 'details', 'div', 'em', 'h1', 'h2', 'h3', 'h4'],
  ...[
    'h5',
    'h6',
    'hr',
    'i',
    'img',
    'li',
    'ol',
    'p',
    'pre',
    's',
    'span',
    'strike',
    'strong',
    'sub',
    'summary',
  ],
  ...['sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'u', 'ul'],
]
const attributes = [
  ...['data-mx-bg-color', 'data-mx-color', 'data-mx-spoiler'],
  ...['href', 'alt', 'start', 'class'],
]

/** Which attributes each element may have is decided where the tree is made. */
export function sanitise(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: attributes,
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    // The pattern below is for all other attributes, too.
    ADD_URI_SAFE_ATTR: attributes.filter((name) => name !== 'href'),
    ALLOWED_URI_REGEXP: /^(?:https?|ftp|mailto|magnet):/i,
    ADD_FORBID_CONTENTS: ['mx-reply'],
    RETURN_DOM_FRAGMENT: true,
  })
}
