import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig, type Plugin } from 'vite'
import { emojiPickerStyle } from './emoji-picker-style.ts'

// While one works on the client, Vite serves the page and a homeserver answers the rest.
const homeserver = process.env.KITH_DEV_HOMESERVER ?? 'http://127.0.0.1:8008'
const proxy = {
  '/_matrix': { target: homeserver, ws: true },
  '/.well-known': { target: homeserver },
}

// scripts/build-client.mjs builds elsewhere first, so that what is served is whole at any time.
const pages = process.env.KITH_WEB_BUILD ?? 'build'

/** SvelteKit hides what it tells screen readers by an inline style, which our policy forbids. A class does it too. */
const announcer: Plugin = {
  name: 'announcer',
  enforce: 'pre',
  transform: {
    filter: { id: /runtime\/components\/root\.svelte$/ },
    handler(code) {
      const changed = code.replace(/\bstyle="position: absolute[^"]*"/, 'class="unseen"')
      if (changed === code) throw new Error('The announcer of SvelteKit is not as it was')
      return { code: changed, map: null }
    },
  },
}

export default defineConfig({
  plugins: [
    announcer,
    emojiPickerStyle(),
    sveltekit({
      // One page for every address: which screen it shows is decided in the browser.
      adapter: adapter({ pages, fallback: 'index.html', precompress: true }),
      compilerOptions: { runes: true },
    }),
  ],
  // Prepared beforehand, it would not be changed.
  optimizeDeps: { exclude: ['emoji-picker-element'] },
  worker: { format: 'es' },
  build: { target: 'es2024' },
  // The core and the specification lie beside the page's sources.
  server: { proxy, fs: { allow: ['../..'] } },
  preview: { proxy },
})
