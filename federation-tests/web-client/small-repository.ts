import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** What is as it is here. */
const copied = ['scripts', 'package.json', 'package-lock.json', 'client/package.json', 'spec/package.json']
const linked = ['node_modules', 'client/node_modules']

/** A web app that is built in a moment. */
const written: Record<string, string> = {
  'client/core/greeting.ts': "export const greeting: string = 'good morning'\n",
  'client/core/greeting.test.ts': '',
  'client/web/static/favicon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'client/web/src/app.html': '<!doctype html>%sveltekit.head%<div>%sveltekit.body%</div>',
  'client/web/src/routes/+layout.ts': 'export const ssr = false\n',
  'client/web/src/routes/+page.svelte':
    '<script lang="ts">import { greeting } from \'../../../core/greeting.ts\'</script><p>{greeting}</p>\n',
  'spec/src/ids.ts': '',
}

/** Makes a repository with the scripts of this one and a much smaller web client, that only lives as long as a test. */
export async function smallRepository(): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'kith-test-repository-'))
  const place = async (path: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    return join(folder, path)
  }
  const settings = (await readdir(join(root, 'client/web'), { withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  )
  for (const path of [...copied, ...settings.map(({ name }) => `client/web/${name}`)])
    await cp(join(root, path), await place(path), { recursive: true })
  for (const path of linked) await symlink(join(root, path), await place(path))
  for (const [path, text] of Object.entries(written)) await writeFile(await place(path), text)
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
