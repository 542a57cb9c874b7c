import { createHash } from 'node:crypto'
import type { lookup } from 'node:dns'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { inputNetwork } from '~/worker/requests/input-content'
import { bringInputs } from '~/worker/requests/inputs'
import type { RequestError } from '~/worker/requests/request-error'
import { turns } from '~/worker/turns'
import type { InputType, ModelInput } from '~/workflows/definition'
import { listen } from '../fakes/listen'

const PNG = Buffer.from('\x89PNG\r\n\x1a\nrest', 'latin1')
const MP4 = Buffer.from('\0\0\0\x20ftypisomrest', 'latin1')
const hashOf = (content: Buffer) => createHash('sha256').update(content).digest('hex').slice(0, 16)
const never = () => new AbortController().signal

const input = (name: string, type: InputType): ModelInput => ({
  name,
  title: name,
  type,
  required: false,
  node: '1',
  field: name,
})

interface Given {
  inTurn?: ReturnType<typeof turns>
  trusted?: string[]
  resolve?: () => string[]
  limits?: { bytesMax: number; timeMs: number }
}

/** Brings inputs to a ComfyUI that only remembers. */
function bringing({ trusted = [], resolve = () => ['8.8.8.8'], limits, inTurn = turns(1) }: Given = {}) {
  const lookUp = ((_name: string, _options: unknown, callback: (...answer: unknown[]) => void) =>
    callback(
      null,
      resolve().map((address) => ({ address, family: 4 })),
    )) as unknown as typeof lookup
  const network = inputNetwork(trusted, lookUp)
  onTestFinished(network.close)
  const uploads: { name: string; mediaType: string; content: Buffer }[] = []
  const comfyui = {
    async upload(name: string, mediaType: string, content: Uint8Array) {
      uploads.push({ name, mediaType, content: Buffer.from(content) })
      return `there/${name}`
    },
  }
  const bring = (inputs: Record<string, unknown>, marked: ModelInput[], signal = never()) =>
    bringInputs({ network, inTurn, ...(limits && { limits }) }, comfyui, inputs, { inputs: marked }, signal)
  /** Why an image can't be used. */
  const refusal = (url: string) =>
    bring({ image: url }, [input('image', 'image')]).then(
      () => {
        throw new Error('It was used.')
      },
      (error: RequestError) => {
        expect(error).toMatchObject({ errorClass: 'input_unusable' })
        return error.said
      },
    )
  return { bring, refusal, uploads }
}

async function serve(handler: RequestListener) {
  const server = await listen(handler)
  onTestFinished(server.close)
  return server
}

test('files reach ComfyUI under names that their content gives them, whatever the caller calls them, and other values stay', async () => {
  const seen: IncomingHttpHeaders[] = []
  const server = await serve((request, response) => {
    seen.push(request.headers)
    response.setHeader('Content-Type', 'text/html').end(MP4)
  })
  const { bring, uploads } = bringing({ trusted: [server.host] })
  const values = await bring(
    {
      image: `data:image/jpeg;base64,${PNG.toString('base64')}`,
      clip: `${server.url}/../../evil.exe`,
      prompt: 'data:image/png;base64,AAAA',
      constructor: 3,
    },
    [
      input('image', 'image'),
      input('clip', 'video'),
      input('prompt', 'text'),
      input('constructor', 'integer'),
      input('absent', 'audio'),
    ],
  )
  expect(values).toEqual({
    image: `there/slipway-${hashOf(PNG)}.png`,
    clip: `there/slipway-${hashOf(MP4)}.mp4`,
    prompt: 'data:image/png;base64,AAAA',
    constructor: 3,
  })
  expect(uploads).toEqual([
    { name: `slipway-${hashOf(PNG)}.png`, mediaType: 'image/png', content: PNG },
    { name: `slipway-${hashOf(MP4)}.mp4`, mediaType: 'video/mp4', content: MP4 },
  ])
  expect(Object.keys(seen[0] ?? {})).not.toContain('authorization')
  expect(Object.keys(seen[0] ?? {})).not.toContain('cookie')
})

test.for([
  ['https://127.0.0.1/x.png'],
  ['https://2130706433/x.png'],
  ['https://[::ffff:169.254.169.254]/x.png'],
  ['https://user:password@example.com/x.png'],
])('%s is not asked', async ([url = '']) => {
  expect(await bringing().refusal(url)).toContain('a host that downloads may not reach')
})

test.for([['http://example.com/x.png'], ['https://example.com:8443/x.png']])(
  '%s is not asked, and told what to give instead',
  async ([url = '']) => {
    expect(await bringing().refusal(url)).toContain('by https on its usual port')
  },
)

test('a public name that leads to a private address is not connected to, by itself or beside a public one', async () => {
  const { refusal } = bringing({ resolve: () => ['8.8.8.8', '127.0.0.1'] })
  expect(await refusal('https://pictures.example/x.png')).toBe(
    'The input “image” could not be used: pictures.example has a private address, which downloads may not reach.',
  )
})

test('a redirect to a private address is not followed', async () => {
  let asked = 0
  const secret = await serve((_request, response) => {
    asked += 1
    response.end(PNG)
  })
  const server = await serve((_request, response) => {
    response.writeHead(302, { location: `${secret.url}/x.png` }).end()
  })
  const { refusal } = bringing({ trusted: [server.host] })
  expect(await refusal(`${server.url}/x.png`)).toContain(secret.host)
  expect(asked).toBe(0)
})

test('a body without an end is cut off at the limit', async () => {
  let isCut = false
  const server = await serve((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536))) {}
    }
    response.on('drain', more).on('close', () => {
      isCut = true
    })
    more()
  })
  const { refusal } = bringing({ trusted: [server.host], limits: { bytesMax: 1e6, timeMs: 60_000 } })
  expect(await refusal(`${server.url}/x.png`)).toBe(
    'The input “image” could not be used: it has more than 1.0 MB. Give a smaller file.',
  )
  await expect.poll(() => isCut).toBe(true)
})

test.for([
  ['a body that stops', PNG],
  ['an answer that never begins', undefined],
] as const)('%s is given up when its time is over', async ([_, begin]) => {
  const server = await serve((_request, response) => void (begin && response.write(begin)))
  const { refusal } = bringing({ trusted: [server.host], limits: { bytesMax: 1e6, timeMs: 50 } })
  expect(await refusal(`${server.url}/x.png`)).toContain('it took longer than 0.05 seconds to come')
})

test('a file that breaks off, and a refusal, are no files', async () => {
  const server = await serve((request, response) => {
    if (request.url === '/404') return void response.writeHead(404).end(PNG)
    response.setHeader('Content-Length', 1000).write(PNG, () => response.destroy())
  })
  const { refusal, uploads } = bringing({ trusted: [server.host] })
  expect(await refusal(`${server.url}/404`)).toContain(`${server.host} answered 404, not with a file.`)
  expect(await refusal(`${server.url}/x.png`)).toContain('broke off')
  expect(uploads).toEqual([])
})

test.for([
  ['a page', 'image/png', '<!doctype html><script>alert(1)</script>'],
  ['a drawing', 'image/png', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
  ['nothing', 'image/png', ''],
  ['a program', 'image/png', 'MZ\x90\0'],
])('%s is no image, whatever it is called', async ([_, type, content = '']) => {
  const { refusal, uploads } = bringing()
  const said = await refusal(`data:${type};base64,${Buffer.from(content, 'latin1').toString('base64')}`)
  expect(said).toMatch(/what was sent is (of another format|empty), not a PNG, JPEG, WebP or GIF file\.$/)
  expect(uploads).toEqual([])
})

test('a video is no image', async () => {
  const said = await bringing().refusal(`data:image/png;base64,${MP4.toString('base64')}`)
  expect(said).toContain('what was sent is video/mp4, not a PNG')
})

test('no more files are fetched at once than there are turns for', async () => {
  let open = 0
  let mostOpen = 0
  const server = await serve((_request, response) => {
    mostOpen = Math.max(mostOpen, ++open)
    setImmediate(() => response.end(PNG, () => open--))
  })
  const { bring, uploads } = bringing({ trusted: [server.host], inTurn: turns(2) })
  await Promise.all(
    Array.from({ length: 6 }, () => bring({ image: `${server.url}/x.png` }, [input('image', 'image')])),
  )
  expect(uploads).toHaveLength(6)
  expect(mostOpen).toBe(2)
})

test('a request that ends meanwhile ends the fetching with its reason', async () => {
  const end = new AbortController()
  const server = await serve(() => end.abort(new Error('cancelled')))
  const { bring } = bringing({ trusted: [server.host] })
  await expect(bring({ image: server.url }, [input('image', 'image')], end.signal)).rejects.toThrow(
    'cancelled',
  )
})
