import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

// While one works on the client, Vite serves the page and a homeserver answers the rest.
const homeserver = process.env.KITH_DEV_HOMESERVER ?? 'http://127.0.0.1:8008'
const proxy = {
  '/_matrix': { target: homeserver, ws: true },
  '/.well-known': { target: homeserver },
}

export default defineConfig({
  plugins: [
    sveltekit({
      // One page for every address: which screen it shows is decided in the browser.
      adapter: adapter({ fallback: 'index.html', precompress: true }),
      compilerOptions: { runes: true },
    }),
  ],
  worker: { format: 'es' },
  build: { target: 'es2024' },
  server: { proxy },
  preview: { proxy },
})
