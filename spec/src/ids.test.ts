import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from './base64.ts'
import {
  domainOf,
  isCompliantUserId,
  isDomainEventId,
  isEventId,
  isHashEventId,
  isRoomAlias,
  isRoomId,
  isServerName,
  isUrlHashEventId,
  isUserId,
  localpartOf,
} from './ids.ts'
import { utf8Length } from './json.ts'

const hash = 'Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg'

test('server names follow the grammar of the specification', () => {
  const good = [
    'matrix.org',
    'matrix.org:8888',
    '1.2.3.4',
    '1.2.3.4:1234',
    '[1234:5678::abcd]',
    '[::1]:5678',
    'A-b',
  ]
  for (const name of good) assert.ok(isServerName(name), name)
  const bad = [
    '',
    ':80',
    'a b',
    'a_b',
    'a/b',
    'é.org',
    'a:',
    'a:123456',
    'a:b',
    '[::1',
    '::1',
    'a\n',
    'a'.repeat(256),
  ]
  for (const name of bad) assert.equal(isServerName(name), false, name)
})

test('user IDs of events may be historical, new ones may not', () => {
  for (const id of ['@a:b.c', '@:b', '@Ünï codé!:b:80', '@a=/+_-.0:b']) assert.ok(isUserId(id), id)
  for (const id of ['a:b', '@a', '@a:', '@a\0:b', '@\ud800:b', '!a:b', '@a:b c', ''])
    assert.equal(isUserId(id), false)
  assert.ok(isCompliantUserId('@a=/+_-.0:b'))
  for (const id of ['@:b', '@A:b', '@a!:b', '@é:b']) assert.equal(isCompliantUserId(id), false)
})

test('J5: identifiers end at 255 bytes, not characters', () => {
  assert.ok(isUserId(`@${'a'.repeat(252)}:b`))
  assert.equal(isUserId(`@${'a'.repeat(253)}:b`), false)
  assert.ok(isUserId(`@${'é'.repeat(126)}:b`))
  assert.equal(isUserId(`@${'é'.repeat(127)}:b`), false)
})

test('rooms, aliases and events are told apart, with and without a domain', () => {
  for (const id of ['!a:b', `!${hash}`, '!:b']) assert.ok(isRoomId(id), id)
  for (const id of ['!a', '#a:b', `!${hash}A`, `!${hash.slice(1)}`]) assert.equal(isRoomId(id), false, id)
  assert.ok(isRoomAlias('#日本:b'))
  assert.equal(isRoomAlias('#a'), false)
  for (const id of ['$a:b', `$${hash}`, `$${hash.replaceAll('-', '+')}`.replaceAll('_', '/')])
    assert.ok(isEventId(id))
  const standard = `$${hash}`.replaceAll('-', '+').replaceAll('_', '/')
  const forms = [isDomainEventId, isHashEventId, isUrlHashEventId]
  for (const [index, id] of ['$a:b', standard, `$${hash}`].entries()) {
    assert.deepEqual(
      forms.map((isOfForm) => isOfForm(id)),
      forms.map((_, form) => form === index),
    )
  }
})

test('each hash has one spelling: bits to spare in its last digit are zero', () => {
  assert.equal(isUrlHashEventId(`$${hash.slice(0, -1)}h`), false)
  assert.deepEqual(decodeBase64Url(`${hash.slice(0, -1)}h`), decodeBase64Url(hash))
})

test('an identifier is parted at its first colon', () => {
  assert.deepEqual([localpartOf('@a:b:80'), domainOf('@a:b:80')], ['a', 'b:80'])
  assert.deepEqual([localpartOf(`!${hash}`), domainOf(`!${hash}`)], [hash, ''])
})

test('Base64 is written without padding and read with or without', () => {
  const words = ['', 'Zg', 'Zm8', 'Zm9v', 'Zm9vYg', 'Zm9vYmE', 'Zm9vYmFy']
  words.forEach((text, length) => {
    const bytes = new TextEncoder().encode('foobar'.slice(0, length))
    assert.equal(encodeBase64(bytes), text)
    assert.deepEqual(decodeBase64(text), bytes)
    assert.deepEqual(decodeBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '=')), bytes)
  })
  const edge = Uint8Array.of(0xfb, 0xff, 0xfe)
  assert.deepEqual([encodeBase64(edge), encodeBase64Url(edge)], ['+//+', '-__-'])
  const bad = [
    'Z',
    'Zg=',
    'Zg===',
    ' Zg',
    'Zg\n',
    'Zm9v ',
    'Zm9v=',
    'Z=g',
    '-__-',
    'Zm 9v',
    'é',
    '====',
    'Zm9v    ',
  ]
  for (const text of bad) assert.equal(decodeBase64(text), undefined, text)
})

test('bytes of UTF-8 are counted as the encoder writes them', () => {
  for (const text of ['', 'a', 'é', '日', '😀', 'a\ud800b', '\udc00\ud800', '\ud83d\ude00é']) {
    assert.equal(utf8Length(text), new TextEncoder().encode(text).length)
  }
})
