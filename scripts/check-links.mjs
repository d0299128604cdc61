// Refuses symbolic links in the repository. One in the place of an ignored folder makes git delete that folder, with all
// that is in it, wherever the commit is checked out.

import { spawnSync } from 'node:child_process'
import { root } from './node26.mjs'

const { status, stdout } = spawnSync('git', ['ls-files', '--stage'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
})
const lines = status === 0 ? stdout.split('\n') : [] // an unpacked archive has no git
const links = lines.filter((line) => line.startsWith('120000')).map((line) => line.split('\t')[1])
for (const link of links) process.stderr.write(`${link} is a symbolic link: git rm --cached ${link}\n`)
process.stdout.write(`${lines.length} files, ${links.length} symbolic links\n`)
process.exit(links.length === 0 ? 0 : 1)
