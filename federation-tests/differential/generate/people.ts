import type { Chance } from './chance.ts'

export const alice = '@alice:a.test'
export const bob = '@bob:b.test'
export const carol = '@carol:c.test'
export const dave = '@dave:a.test'
export const users = [
  alice,
  bob,
  carol,
  dave,
  '@Erin/ö:b.test:8448',
  '@:a.test',
  '@frank:[2001:db8::1]',
] as const
export const token = 'token'

export const anyUser = (random: Chance) =>
  random.weighted([
    [4, alice],
    [5, bob],
    [4, carol],
    [2, dave],
    [3, random.pick(users)],
  ])
