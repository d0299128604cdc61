import type { Plugin } from 'vite'

/** What the emoji picker does with styles, and how a strict content security policy lets it do the same. */
const changes = [
  [
    'targetNode.setAttribute(attributeName, newValue);',
    "if (attributeName === 'style') targetNode.style.cssText = newValue; else targetNode.setAttribute(attributeName, newValue);",
  ],
  [
    `const style = document.createElement('style');
    style.textContent = baseStyles + EXTRA_STYLES;
    this.shadowRoot.appendChild(style);`,
    `const sheet = new CSSStyleSheet();
    sheet.replaceSync(baseStyles + EXTRA_STYLES);
    this.shadowRoot.adoptedStyleSheets = [sheet];`,
  ],
] as const

/** The picker writes a style element and style attributes. No page of ours may have any. */
export function emojiPickerStyle(): Plugin {
  return {
    name: 'emoji-picker-style',
    transform: {
      filter: { id: /emoji-picker-element\/picker\.js$/ },
      handler(code) {
        return changes.reduce((changed, [before, after]) => {
          if (!changed.includes(before)) throw new Error(`The emoji picker has changed: it has no ${before}`)
          return changed.replace(before, () => after)
        }, code)
      },
    },
  }
}
