import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findLinks } from './links.ts'

test('addresses in plain text become links, and nothing of the text is lost', () => {
  const cases: [string, string[]][] = [
    ['see https://kith.test/a?b=c, or not', ['https://kith.test/a?b=c']],
    ['kith.org and ada@kith.org', ['https://kith.org', 'mailto:ada@kith.org']],
    ['看https://kith.org/说明。好', ['https://kith.org/%E8%AF%B4%E6%98%8E']],
    ['(https://kith.org/a_(b))', ['https://kith.org/a_(b)']],
    ['ftp://files.kith.org', ['ftp://files.kith.org']],
    ['a.b c:d 1.2.3 end.', []],
    ['', []],
  ]
  for (const [text, expected] of cases) {
    const parts = findLinks(text)
    assert.equal(parts.map((part) => part.text).join(''), text)
    const links = parts.flatMap(({ href }) =>
      href === undefined ? [] : [new URL(href).href.replace(/\/$/, '')],
    )
    assert.deepEqual(links, expected, text)
  }
})

test('only what the web may open becomes a link', () => {
  for (const text of [
    'javascript://kith.org/%0aalert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
  ]) {
    for (const { href } of findLinks(text)) assert.match(href ?? 'https:', /^(https?|ftp|mailto):/)
  }
})
