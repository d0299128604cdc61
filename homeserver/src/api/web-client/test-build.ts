import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

export const inlineScript = `
				import("/_app/immutable/entry/start.A1.js").then((kit) => kit.start())
			`
const html = `<!doctype html>
<html lang="en">
  <head><script type="module" src="/_app/immutable/entry/start.A1.js"></script></head>
  <body><div id="app"><script>${inlineScript}</script></div></body>
</html>
`

/** What a small build of the web client has in it. */
export const builtTexts: Record<string, string> = {
  'index.html': html,
  'favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'manifest.webmanifest': '{"name": "Kith"}',
  '_app/version.json': '{"version": "1"}',
  '_app/immutable/entry/start.A1.js': `export const start = () => {}\n${'// long\n'.repeat(200)}`,
  '_app/immutable/assets/0.B2.css': 'body { margin: 0 }',
  '.stamp': 'not to be served',
}

/** Writes a build with packed forms of everything that is text, into a folder that only lives as long as a test. */
export async function writeTestBuild(): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'kith-test-build-'))
  for (const [name, text] of Object.entries(builtTexts)) {
    const file = join(folder, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
    if (name.endsWith('.webmanifest') || name.startsWith('.')) continue
    await writeFile(`${file}.br`, brotliCompressSync(text))
    await writeFile(`${file}.gz`, gzipSync(text))
  }
  await writeFile(join(folder, 'gone.js.gz'), gzipSync('its plain form is not there'))
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
