/** HTML that people might send, and all that may come of it: for checks in a browser. */

export interface HostileMessage {
  name: string
  html: string
  /** What can be read. */
  text: string
  /** The elements of the message, in order. */
  elements: string[]
  /** Where its links lead. */
  links?: string[]
}

const deep = 150

export const hostileMessages: readonly HostileMessage[] = [
  { name: 'a script', html: 'a<script>alert(1)</script>b', text: 'ab', elements: [] },
  { name: 'a handler', html: '<b onclick="alert(1)" onmouseover=alert(1)>a</b>', text: 'a', elements: ['b'] },
  {
    name: 'a picture that fails',
    html: '<img src=x onerror=alert(1) alt="a cat">',
    text: 'a cat',
    elements: [],
  },
  { name: 'a picture without words', html: 'a<img src="mxc://kith.test/x">b', text: 'ab', elements: [] },
  {
    name: 'schemes that are not for links',
    html: [
      '<a href="javascript:alert(1)">a</a><a href=" java\tscript:alert(1)">b</a>',
      '<a href="data:text/html,<script>alert(1)</script>">c</a><a href="vbscript:x">d</a>',
      '<a href="file:///etc/passwd">e</a><a href="blob:https://kith.test/x">f</a>',
    ].join(''),
    text: 'abcdef',
    elements: [],
  },
  {
    name: 'links to places of this page',
    html: '<a href="/settings">a</a><a href="#x">b</a><a href="//evil.test">c</a><a>d</a>',
    text: 'abcd',
    elements: [],
  },
  {
    name: 'links that are allowed',
    html: '<a href="https://kith.test/">a</a><a href="mailto:ada@kith.test">b</a><a href="magnet:?xt=urn:x">c</a>',
    text: 'abc',
    elements: ['a', 'a', 'a'],
    links: ['https://kith.test/', 'mailto:ada@kith.test', 'magnet:?xt=urn:x'],
  },
  {
    name: 'a target and a name of its own',
    html: '<a href="https://kith.test/" target="_top" rel="opener" id="app" name="x">a</a>',
    text: 'a',
    elements: ['a'],
    links: ['https://kith.test/'],
  },
  {
    name: 'styles and classes',
    html: '<style>*{display:none}</style><p style="position:fixed" class="app row" id="app">a</p>',
    text: 'a',
    elements: ['p'],
  },
  {
    name: 'colours that are none',
    html: '<span data-mx-color="red;background:url(//evil.test)" data-mx-bg-color="#12345">a</span>',
    text: 'a',
    elements: ['span'],
  },
  {
    name: 'frames, objects and forms',
    html: [
      '<iframe src="https://evil.test">a</iframe><object data="x">b</object><embed src="x">',
      '<form action="https://evil.test"><input name="password"><button>c</button></form>',
      '<base href="https://evil.test/"><meta http-equiv="refresh" content="0"><link rel="stylesheet" href="x">',
    ].join(''),
    text: 'bc',
    elements: [],
  },
  {
    name: 'a drawing',
    html: '<svg onload="alert(1)"><script>alert(1)</script></svg>a',
    text: 'a',
    elements: [],
  },
  {
    name: 'a namespace that is left',
    html: '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    text: '',
    elements: [],
  },
  {
    name: 'a template and a slot',
    html: '<template><img src=x onerror=alert(1)></template><x-y is="z">a</x-y>',
    text: 'a',
    elements: [],
  },
  {
    name: 'names of the document',
    html: '<img name="body"><b id="location">a</b>',
    text: 'a',
    elements: ['b'],
  },
  { name: 'an element that never ends', html: '<b>a<i>b', text: 'ab', elements: ['b', 'i'] },
  {
    name: 'a quotation of a reply',
    html: '<mx-reply><blockquote>quoted</blockquote></mx-reply>a<mx-reply>again</mx-reply>',
    text: 'a',
    elements: [],
  },
  {
    name: 'elements without end',
    html: `${'<b>'.repeat(deep)}a${'</b>'.repeat(deep)}`,
    text: 'a',
    elements: Array.from({ length: 100 }, () => 'b'),
  },
  {
    name: 'a list that starts anywhere',
    html: '<ol start="3"><li>a</li></ol><ol start="1e9x"><li>b</li></ol>',
    text: 'ab',
    elements: ['ol', 'li', 'ol', 'li'],
  },
  {
    name: 'a person who is none',
    html: '<a href="https://matrix.to/#/@ada">a</a><a href="https://matrix.to.evil.test/#/@ada:kith.test">b</a>',
    text: 'ab',
    elements: ['a', 'a'],
    links: ['https://matrix.to/#/@ada', 'https://matrix.to.evil.test/#/@ada:kith.test'],
  },
  {
    name: 'a person with markup for a name',
    html: '<a href="https://matrix.to/#/@ada:kith.test"><b>@A</b>da<img src=x onerror=alert(1)></a>',
    text: 'Ada',
    elements: ['span'],
  },
  {
    name: 'an address in plain words',
    html: '<p>see https://kith.test/a, not javascript:alert(1)</p><code>https://kith.test</code>',
    text: 'see https://kith.test/a, not javascript:alert(1)https://kith.test',
    elements: ['p', 'a', 'code'],
    links: ['https://kith.test/a'],
  },
]
