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

// Of Svelte, the first screen is to load only what it uses. Its modules do nothing by being loaded, but don't say so.
const treeshake = {
  moduleSideEffects: [
    { test: /svelte\/src\/(internal\/client|index-client|reactivity|attachments)/, sideEffects: false },
  ],
}
const onlyInside =
  /dom\/blocks\/(each|await|key|html|svelte-element)\.js|dom\/elements\/bindings\/(?!input|this|shared)/

/** SvelteKit reads its settings from here as it loads: its entry must fill them in before anything else of it is there. */
const settings = /@sveltejs\/kit\/src\/runtime\/client\/payload\.js|vite\/preload-helper/

const shared = /client\/(web\/src|core)\/|@sveltejs\/kit\/src\/|\/(devalue|esm-env|clsx)\//

/** What nearly every screen uses, in two files instead of a handful of small ones, which pack badly. */
const codeSplitting = {
  groups: [
    { name: 'settings', test: settings, priority: 1 },
    { name: 'svelte', test: (id: string) => /svelte\/src\/internal\//.test(id) && !onlyInside.test(id) },
    {
      name: 'shared',
      test: shared,
      minShareCount: 6,
    },
  ],
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
  environments: { client: { build: { rolldownOptions: { output: { codeSplitting }, treeshake } } } },
  server: { proxy, fs: { allow: ['../..'] } },
  preview: { proxy },
})
