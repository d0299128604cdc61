// Loaded into a server before it starts (`node --import`): its clock stands still at the time in a file, and looks at the file
// again when it is told to by a signal. The file beside it says which time was taken.

import { readFileSync, writeFileSync } from 'node:fs'

const file = process.env.PRESET_TIME_FILE
let now = 0
const look = () => {
  now = Number(readFileSync(file, 'utf8'))
  writeFileSync(`${file}.taken`, String(now))
}
look()
process.on('SIGUSR2', look)
Date.now = () => now
