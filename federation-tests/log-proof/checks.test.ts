import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CheckName, judge } from './checks.ts'
import type { Answer, Evidence } from './evidence.ts'

const LONGEST_MS = 1000

const answer = (token: string, rest: Partial<Answer>): Answer => {
  return { token, answer: 'committed', poisoned: false, waitedMs: 5, ...rest }
}

/** A run in which all went well: two units of a room that move its state, one stranger, one winner and one loser of a key, one poisoned. */
function sound(): Evidence {
  return {
    misfortunes: [],
    answers: [
      answer('a', { positions: [1], room: 7, stateVersion: 0, movesState: true }),
      answer('b', { positions: [2], room: 7, stateVersion: 1 }),
      answer('c', { positions: [3, 4], key: 'k' }),
      answer('d', { answer: 'Duplicate', result: 'c', key: 'k' }),
      answer('e', { answer: 'Refused', poisoned: true }),
      answer('f', { answer: 'Stale', room: 7, stateVersion: 0 }),
      answer('g', { answer: 'Unsettled' }),
    ],
    unanswered: 0,
    tails: [
      { process: 'p1', start: 0, positions: [1, 2, 3, 4, 5], lived: true },
      { process: 'p2', start: 2, positions: [3], lived: false },
    ],
    appearances: [
      [1, 2],
      [3, 4, 5],
    ],
    log: [1, 2, 3, 4, 5].map((position) => ({ position, room: position < 3 ? 7 : null })),
    toys: ['a#0', 'b#0', 'c#0', 'c#1', 'g#0'].map((token, index) => ({ token, position: index + 1 })),
    keys: [{ key: 'k', result: 'c' }],
    states: [{ room: 7, version: 1, position: 1 }],
  }
}

test('a sound run passes every check', () => {
  assert.deepEqual(judge(sound(), LONGEST_MS), {})
})

const faults: [string, CheckName, (evidence: Evidence) => void][] = [
  ['an acknowledged unit that is lost', 'exactlyOnce', ({ toys }) => toys.splice(1, 1)],
  ['a unit that is there twice', 'exactlyOnce', ({ toys }) => toys.push({ token: 'a#0', position: 6 })],
  ['a unit that lacks one of its rows', 'exactlyOnce', ({ toys }) => toys.splice(3, 1)],
  [
    'a unit at another position than was told',
    'exactlyOnce',
    ({ answers }) => answers.push(answer('g', { positions: [4] })),
  ],
  [
    'a unit that was called stale and is there',
    'exactlyOnce',
    ({ toys }) => toys.push({ token: 'f#0', position: 6 }),
  ],
  [
    'a winner of a key that is lost',
    'exactlyOnce',
    ({ answers }) => answers.push(answer('x', { answer: 'Duplicate', result: 'x' })),
  ],
  ['a gap', 'dense', ({ log }) => log.splice(2, 1)],
  ['a position given twice', 'dense', ({ log }) => log.splice(2, 0, { position: 2, room: null })],
  ['a row without its payload', 'dense', ({ toys }) => toys.pop()],
  ['a payload without its row', 'dense', ({ toys }) => toys.push({ token: 'x#0', position: 9 })],
  [
    'a position that appears late',
    'visibleInOrder',
    ({ appearances }) => appearances.splice(0, 2, [1, 2, 4], [3, 5]),
  ],
  ['a tail with a hole', 'tailsAreWhole', ({ tails }) => tails[0]?.positions.splice(2, 1)],
  ['a tail out of order', 'tailsAreWhole', ({ tails }) => tails[0]?.positions.reverse()],
  ['a tail that tells a row twice', 'tailsAreWhole', ({ tails }) => tails[1]?.positions.push(3)],
  ['a tail that stops early', 'tailsAreWhole', ({ tails }) => tails[0]?.positions.pop()],
  [
    'a stranger that is refused',
    'onlyThePoisonedFail',
    ({ answers }) => answers.push(answer('x', { answer: 'Refused' })),
  ],
  [
    'a poisoned unit that passes',
    'onlyThePoisonedFail',
    ({ answers }) => answers.push(answer('a', { positions: [1], poisoned: true })),
  ],
  [
    'a sender without an answer',
    'everyoneIsAnswered',
    (evidence) => {
      evidence.unanswered = 1
    },
  ],
  [
    'a sender that waits too long',
    'everyoneIsAnswered',
    ({ answers }) => answers.push(answer('g', { answer: 'Busy', waitedMs: 1001 })),
  ],
  [
    'a sender that is told of a bug',
    'everyoneIsAnswered',
    ({ answers }) => answers.push(answer('x', { answer: 'TypeError' })),
  ],
  [
    'a second winner of a key',
    'oneWinnerPerKey',
    ({ answers }) => answers.push(answer('b', { positions: [2], key: 'k' })),
  ],
  [
    'a loser who is told of another winner',
    'oneWinnerPerKey',
    ({ answers }) => answers.push(answer('x', { answer: 'Duplicate', result: 'b', key: 'k' })),
  ],
  [
    'a state version left out',
    'statesAreChained',
    ({ states }) => states.push({ room: 7, version: 3, position: 5 }),
  ],
  [
    'a unit on a state that had passed',
    'statesAreChained',
    ({ answers }) => answers.push(answer('b', { positions: [2], room: 7, stateVersion: 0 })),
  ],
  [
    'a unit on a state that was not yet',
    'statesAreChained',
    ({ answers }) => answers.push(answer('a', { positions: [1], room: 7, stateVersion: 1 })),
  ],
]

for (const [fault, check, plant] of faults) {
  test(`${check} finds ${fault}`, () => {
    const evidence = sound()
    plant(evidence)
    assert.ok(check in judge(evidence, LONGEST_MS))
  })
}
