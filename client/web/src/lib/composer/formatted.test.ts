import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatted } from './formatted.ts'
import { mentionsIn } from './mentions.ts'

test('what says the same without HTML gets none', () => {
  for (const text of [
    'hello',
    'two\nlines',
    'a paragraph\n\nand another',
    '2 * 3 * 4 = 24',
    'snake_case_name',
    'see https://kith.example/_a_/*b*',
    'C <3 you &copy;',
    '中文，没有标记。',
  ]) {
    assert.equal(formatted(text, []), undefined, text)
  }
})

test('Markdown becomes HTML', () => {
  const table = [
    ['*so* **very** ~~bad~~ `code`', '<em>so</em> <strong>very</strong> <s>bad</s> <code>code</code>'],
    ['*one*\ntwo', '<em>one</em><br>\ntwo'],
    ['one\n\n*two*', '<p>one</p>\n<p><em>two</em></p>'],
    ['- a\n- b', '<ul>\n<li>a</li>\n<li>b</li>\n</ul>'],
    ['> said', '<blockquote>\n<p>said</p>\n</blockquote>'],
    ['# Title', '<h1>Title</h1>'],
    ['```js\na < b\n```', '<pre><code class="language-js">a &lt; b\n</code></pre>'],
    ['[Kith](https://kith.example)', '<a href="https://kith.example">Kith</a>'],
    ['1\\. not a list', '1. not a list'],
    ['*a* &copy;', '<em>a</em> &amp;copy;'],
  ] as const
  for (const [text, html] of table) assert.equal(formatted(text, []), html)
})

test('nothing a sender types becomes HTML of its own, a script or an image', () => {
  assert.equal(formatted('*a* <b onclick=x>b</b>', []), '<em>a</em> &lt;b onclick=x&gt;b&lt;/b&gt;')
  assert.equal(formatted('[a](javascript:alert(1)) *b*', []), '[a](javascript:alert(1)) <em>b</em>')
  assert.doesNotMatch(formatted('![a](https://kith.example/a.png)', []) ?? '', /<img/)
})

const ada = { userId: '@ada:kith.example', name: 'Ada' }
const adaLovelace = { userId: '@lovelace:kith.example', name: 'Ada Lovelace' }
const star = { userId: '@star:kith.example', name: '*star*' }
const link = (to: string, name: string) =>
  `<a href="https://matrix.to/#/%40${to}%3Akith.example">@${name}</a>`

test('who is mentioned is linked, by the longest name, whatever is in it', () => {
  const mentions = [ada, adaLovelace, star]
  assert.equal(formatted('hi @Ada!', mentions), `hi ${link('ada', 'Ada')}!`)
  assert.equal(formatted('@Ada Lovelace, hi', mentions), `${link('lovelace', 'Ada Lovelace')}, hi`)
  assert.equal(formatted('**@*star***', mentions), `<strong>${link('star', '*star*')}</strong>`)
  assert.equal(formatted('`@Ada`', mentions), '<code>@Ada</code>')
  assert.equal(formatted('@room hello', [{ userId: '@room', name: 'room' }]), undefined)
})

test('a mention lasts while its name is in the text', () => {
  const mentions = [ada, adaLovelace]
  assert.deepEqual(mentionsIn({ text: '你好@Ada，你好', mentions }), [ada])
  assert.deepEqual(mentionsIn({ text: '@Ada你好', mentions }), [ada])
  assert.deepEqual(mentionsIn({ text: '@Ada and @Ada Lovelace', mentions }), [ada, adaLovelace])
  for (const text of ['Ada', '@Adam', '@ Ada', 'me@Ada.example', '']) {
    assert.deepEqual(mentionsIn({ text, mentions }), [], text)
  }
})
