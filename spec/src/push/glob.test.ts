import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cpuTimeMs } from '../test-cpu-time.ts'
import { compileGlob, compileLiteral, fold } from './glob.ts'

const whole: [pattern: string, text: string, matches: boolean][] = [
  ['lunc?*', 'Lunch plans', true],
  ['lunc?*', 'LUNCH', true],
  ['lunc?*', ' lunch', false],
  ['lunc?*', 'lunc', false],
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['?', '', false],
  ['?', '😀', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['**', 'anything', true],
  ['a.c', 'abc', false],
  ['[ab]', 'a', false],
  ['ÄRGER', 'ärger', true],
]
for (const [pattern, text, matches] of whole) {
  test(`'${pattern}' ${matches ? 'matches' : 'does not match'} the whole of '${text}'`, () => {
    assert.equal(compileGlob(pattern).matches(fold(text)), matches)
  })
}

const words: [pattern: string, text: string, matches: boolean][] = [
  ['ex*ple', 'An example event.', true],
  ['ex*ple', 'exple', true],
  ['ex*ple', 'An exciting triple-whammy', true],
  ['ex*ple', 'unexampled', false],
  ['tea', 'teapot', false],
  ['tea', "It's TEA time", true],
  ['tea', '_tea', false],
  ['tea', 'tea', true],
  ['tea', 'étea!', true],
  ['@room', 'hello @room!', true],
  ['c++', 'I like c++', true],
  ['你好', '说你好吗', true],
  ['te?', 'a ten', true],
  ['', '', true],
]
for (const [pattern, text, matches] of words) {
  test(`'${pattern}' ${matches ? 'is found' : 'is not found'} among the words of '${text}'`, () => {
    assert.equal(compileGlob(pattern).matchesWords(fold(text)), matches)
  })
}

test('the characters of a literal stand for themselves', () => {
  assert.equal(compileLiteral('A*?').matchesWords('the a*? team'), true)
  assert.equal(compileLiteral('A*?').matchesWords('the abc team'), false)
})

test('patterns of any length match as the equivalent regular expression does', () => {
  const char = fc.constantFrom('a', 'b', '_', ' ')
  const text = fc.array(char, { maxLength: 80 }).map((chars) => chars.join(''))
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '_', ' ', '?', '*', 'aab', 'ab ab ab ab ab ab ab ab ab ab'), {
      maxLength: 8,
    })
    .map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(pattern, text, (pattern, text) => {
      const source = pattern.replaceAll('?', '.').replaceAll('*', '.*?')
      assert.equal(compileGlob(pattern).matches(text), new RegExp(`^${source}$`).test(text))
      const inWords = new RegExp(`(?:^|\\b|(?=\\W)|(?<=\\W))${source}(?:$|\\b|(?=\\W)|(?<=\\W))`)
      assert.equal(compileGlob(pattern).matchesWords(text), inWords.test(text))
    }),
    { numRuns: 500 },
  )
})

test('J11: no pattern takes more than linear time', () => {
  const text = 'a'.repeat(65_000)
  const hostile = () => {
    compileGlob(`${'*a'.repeat(60)}*b`).matches(`${text}b a`)
    compileGlob(`${'?*a'.repeat(300)}b?`).matchesWords(`${text}b `)
  }
  // The first runs are those of code that is not compiled yet.
  const runs = Array.from({ length: 5 }, () => cpuTimeMs(hostile))
  assert.ok(Math.min(...runs) < 50)
})
