import { expect, test } from 'vitest'
import { readEnd } from '~/worker/comfyui/outputs'

const done = (output: object) => {
  const end = readEnd({
    prompt: [],
    outputs: { '9': output },
    status: { status_str: 'success', messages: [] },
  })
  return end?.kind === 'done' ? end.outputs.get('9') : end
}
const file = (filename: unknown, type: unknown = 'output') => ({ filename, subfolder: 'a', type })

test('previews count only of a node that keeps nothing', () => {
  expect(done({ images: [file('p.png', 'temp')] })).toMatchObject({ files: [{ filename: 'p.png' }] })
  expect(done({ images: [file('p.png', 'temp'), file('k.png')] })).toMatchObject({
    files: [{ filename: 'k.png' }],
  })
})

test('files are read from lists of any name', () => {
  const output = {
    gifs: [{ ...file('v.mp4'), format: 'video/h264-mp4' }],
    audio: [file('s.flac')],
    n: [1],
    x: 'y',
  }
  expect(done(output)).toEqual({ files: [file('v.mp4'), file('s.flac')], texts: [] })
})

test('what is no name of a file is left out', () => {
  const names = ['', 'a\u0000b', 'a\nb', 'x'.repeat(300), 7, null, { a: 1 }]
  expect(done({ images: [...names.map((name) => file(name)), file('x', '/etc'), 'y', null] })).toEqual({
    files: [],
    texts: [],
  })
})

test('texts keep their lines and lose what no text holds', () => {
  expect(done({ text: ['a\r\nb\tc\u0000\u001b', ['d'], 5] })).toEqual({
    files: [],
    texts: ['a\r\nb\tc', 'd'],
  })
  expect(done({ text: 'x'.repeat(1e6) })).toMatchObject({ texts: [expect.stringMatching(/^x{100000}$/)] })
})

test('entries of versions without a state are of what went well', () => {
  expect(readEnd({ outputs: { '9': { images: [file('a.png')] } }, status: null })).toMatchObject({
    kind: 'done',
  })
  expect(readEnd({ outputs: {} })).toEqual({ kind: 'done', outputs: new Map() })
})

test.each([null, 7, 'text', []])('%j is no entry', (entry) => expect(readEnd(entry)).toBeUndefined())

test('a failure that says nothing of itself is one', () => {
  expect(
    readEnd({ outputs: {}, status: { status_str: 'error', messages: [null, 'x', ['execution_error']] } }),
  ).toEqual({
    kind: 'failed',
    node: null,
    nodeClass: null,
    message: 'ComfyUI does not say why.',
    detail: '',
  })
})

test('node ids and names of outputs that objects have by nature do no harm', () => {
  const outputs = JSON.parse(
    '{"__proto__": {"images": [{"filename": "a.png"}]}, "constructor": {"text": ["t"]}}',
  )
  const end = readEnd({ outputs, status: { status_str: 'success', messages: [] } })
  expect(end?.kind === 'done' && end.outputs.get('constructor')?.texts).toEqual(['t'])
  expect(end?.kind === 'done' && end.outputs.get('toString')).toBeUndefined()
})
