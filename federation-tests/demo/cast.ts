import type { DemoServer } from './options.ts'

export type Name = 'anna' | 'lin' | 'ben' | 'mei'

export interface Character {
  name: Name
  displayName: string
  password: string
  server: DemoServer
  userId: string
}

/** Who is there, two on each server. */
export function castOf([one, other]: [DemoServer, DemoServer]): Character[] {
  return [
    character('anna', 'Anna Weber', one),
    character('lin', '林晓雨', one),
    character('ben', 'Ben Okafor', other),
    character('mei', '陈美玲', other),
  ]
}

function character(name: Name, displayName: string, server: DemoServer): Character {
  return { name, displayName, password: `${name}-demo`, server, userId: `@${name}:${server.name}` }
}

/** What one needs to know to look around, in lines. */
export function directory(cast: readonly Character[]): string {
  const rows = cast.map(({ name, password, server, userId, displayName }, index) => [
    server === cast[index - 1]?.server ? '' : server.url,
    name,
    password,
    userId,
    displayName,
  ])
  const table = [['open', 'name', 'password', 'Matrix ID', 'shown as'], ...rows]
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
  return table
    .map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())
    .join('\n')
}
