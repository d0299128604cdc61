/** The promises of the log, each as a check of a run's evidence. A check returns what it found wrong. */
import type { Position } from '@kith/homeserver/log/log'
import type { Answer, Evidence } from './evidence.ts'

export type Check = (evidence: Evidence) => string[]

/** Every unit that was answered "committed" is there once, at its positions; no other answer is a lie; nothing is doubled. */
const exactlyOnce: Check = ({ answers, toys }) => {
  const rows = Map.groupBy(toys, ({ token }) => token)
  const units = Map.groupBy(toys, ({ token }) => token.slice(0, token.lastIndexOf('#')))
  const committed = answers.filter(({ answer }) => answer === 'committed')
  // A unit sent again under its key may have won the first time, when it was not told so.
  const won = answers.flatMap(({ answer, result, token }) =>
    answer === 'Duplicate' && result === token ? [token] : [],
  )
  const open = new Set(
    [...committed, ...answers.filter(({ answer }) => answer === 'Unsettled')].map(({ token }) => token),
  )
  for (const token of won) open.add(token)
  const denied = answers.filter(({ answer, token }) => isDenial(answer) && !open.has(token))
  return [
    ...[...rows]
      .filter(([, copies]) => copies.length > 1)
      .map(([row, copies]) => `${row} is there ${copies.length} times`),
    ...committed.flatMap(({ token, positions }) => {
      const at = units.get(token)?.map(({ position }) => position)
      if (at === undefined) return [`${token} was acknowledged and is lost`]
      return positions === undefined || String(at) === String(positions)
        ? []
        : [`${token} is at ${at}, not at ${positions}`]
    }),
    ...denied
      .filter(({ token }) => units.has(token))
      .map(({ token, answer }) => `${token} was called ${answer} and is there`),
    ...won.filter((token) => !units.has(token)).map((token) => `${token} was called a winner and is lost`),
  ]
}

const isDenial = (answer: string) => ['Duplicate', 'Stale', 'Busy', 'Refused'].includes(answer)

/** Positions run from 1 without a gap, and every row of the log has its payload. */
const dense: Check = ({ log, toys }) => {
  const payloads = new Set(toys.map(({ position }) => position))
  return [
    ...log.flatMap(({ position }, index) =>
      position === index + 1 ? [] : [`row ${index + 1} is at position ${position}`],
    ),
    ...log
      .filter(({ position }) => !payloads.has(position))
      .map(({ position }) => `${position} has no payload`),
    ...(payloads.size === log.length ? [] : [`${payloads.size} payloads for ${log.length} rows`]),
  ]
}

/** No position appears to a reader below one that it has seen. */
const visibleInOrder: Check = ({ appearances }) => {
  let head = 0
  return appearances.flatMap((positions) => {
    const late = positions.filter((position) => position <= head)
    head = Math.max(head, ...positions)
    return late.map((position) => `${position} appeared when ${head} was visible`)
  })
}

/** Every tail tells every position after its start, in order, and comes to the head. */
const tailsAreWhole: Check = ({ tails, log }) => {
  const head = log.at(-1)?.position ?? 0
  return tails.flatMap(({ process, start, positions, lived }) => {
    const wrong = positions.findIndex((position, index) => position !== start + index + 1)
    if (wrong >= 0)
      return [`the tail of ${process} told ${positions[wrong]} after ${positions[wrong - 1] ?? start}`]
    const last = start + positions.length
    return lived && last !== head ? [`the tail of ${process} stopped at ${last}, the head is ${head}`] : []
  })
}

/** The database refuses the poisoned units and no other. */
const onlyThePoisonedFail: Check = ({ answers }) => [
  ...answers
    .filter(({ answer, poisoned }) => answer === 'Refused' && !poisoned)
    .map(({ token }) => `${token} was refused`),
  ...answers
    .filter(({ answer, poisoned }) => answer === 'committed' && poisoned)
    .map(({ token }) => `poisoned ${token} passed`),
]

/** Every sender is answered, with an answer we know, in time. */
const everyoneIsAnswered =
  (longestMs: number): Check =>
  ({ answers, unanswered }) => [
    ...(unanswered > 0 ? [`${unanswered} units were never answered`] : []),
    ...answers
      .filter(({ waitedMs }) => waitedMs > longestMs)
      .map(({ token, waitedMs }) => `${token} waited ${waitedMs} ms`),
    ...answers
      .filter(({ answer }) => answer !== 'committed' && answer !== 'Unsettled' && !isDenial(answer))
      .map(({ token, answer }) => `${token} was told ${answer}`),
  ]

/** Whoever asks under a key is told of the same winner. */
const oneWinnerPerKey: Check = ({ answers, keys }) => {
  const winners = new Map(keys.map(({ key, result }) => [key, result]))
  const told = ({ answer, token, result }: Answer) =>
    answer === 'committed' ? token : answer === 'Duplicate' ? result : undefined
  return answers.flatMap((answer) => {
    const winner = told(answer)
    if (answer.key === undefined || winner === undefined || winners.get(answer.key) === winner) return []
    return [`${answer.key} was won by ${winners.get(answer.key)}, not by ${winner}`]
  })
}

/** State versions of a room are dense, and each unit stands where the version that it was computed on was the room's. */
const statesAreChained: Check = ({ answers, states }) => {
  const rooms = new Map<number, Position[]>()
  const wrong: string[] = []
  for (const { room, version, position } of states) {
    const versions = rooms.get(room) ?? []
    if (versions.push(position) !== version)
      wrong.push(`room ${room} has version ${version} after ${versions.length - 1}`)
    rooms.set(room, versions)
  }
  for (const { answer, token, positions, room, stateVersion = 0 } of answers) {
    const first = positions?.[0]
    if (answer !== 'committed' || room === undefined || first === undefined) continue
    const versions = rooms.get(room) ?? []
    const before = stateVersion === 0 ? 0 : (versions[stateVersion - 1] ?? Number.POSITIVE_INFINITY)
    const after = versions[stateVersion] ?? Number.POSITIVE_INFINITY
    if (before >= first || after < first)
      wrong.push(`${token} at ${first} was computed on version ${stateVersion}`)
  }
  return wrong
}

/** @param longestMs what a unit may wait */
export const checks = (longestMs: number) => ({
  exactlyOnce,
  dense,
  visibleInOrder,
  tailsAreWhole,
  onlyThePoisonedFail,
  everyoneIsAnswered: everyoneIsAnswered(longestMs),
  oneWinnerPerKey,
  statesAreChained,
})

export type CheckName = keyof ReturnType<typeof checks>

/** @returns per check that found something, the first findings */
export function judge(evidence: Evidence, longestMs: number): Record<string, string[]> {
  const found = Object.entries(checks(longestMs)).map(
    ([name, check]) => [name, check(evidence).slice(0, 5)] as const,
  )
  return Object.fromEntries(found.filter(([, wrong]) => wrong.length > 0))
}
