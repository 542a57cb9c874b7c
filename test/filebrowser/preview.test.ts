import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PreviewView } from '~/filebrowser/contract'
import { query, startFilebrowser } from './harness'

async function withPreview() {
  const started = await startFilebrowser()
  async function preview(name: string, content: string | Uint8Array): Promise<PreviewView> {
    await writeFile(join(started.workspace, name), content)
    return (await started.call('GET', `preview?${query({ path: name })}`)).json
  }
  return { ...started, preview }
}

function safetensors(header: unknown, length?: bigint) {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const head = Buffer.alloc(8)
  head.writeBigUInt64LE(length ?? BigInt(json.length))
  return Buffer.concat([head, json])
}

test('text is shown whatever its name, its first 256 kB, and never half a character', async () => {
  const { preview } = await withPreview()
  expect(await preview('a.json', '{"ä": "模"}')).toEqual({
    kind: 'text',
    text: '{"ä": "模"}',
    truncated: false,
  })
  expect(await preview('empty', '')).toEqual({ kind: 'text', text: '', truncated: false })
  const long = await preview('long.txt', `x${'模'.repeat(100_000)}`)
  expect(long).toMatchObject({ kind: 'text', truncated: true })
  expect(long.kind === 'text' && /^x模+$/.test(long.text)).toBe(true)
})

test('what is no text has no preview, with the reason', async () => {
  const { preview } = await withPreview()
  for (const bytes of [Buffer.from([0xff, 0xfe, 0x41]), Buffer.from('a\0b'), Buffer.from([0xe6, 0xa8])])
    expect(await preview('a.bin', bytes)).toEqual({ kind: 'none', reason: expect.any(String) })
})

test('a model tells what its header says', async () => {
  const { preview } = await withPreview()
  const header = {
    __metadata__: { format: 'pt', '<b>': 'x'.repeat(5000) },
    a: { dtype: 'F16', shape: [2, 3], data_offsets: [0, 12] },
    b: { dtype: 'BF16', shape: [], data_offsets: [12, 14] },
  }
  expect(await preview('a.safetensors', safetensors(header))).toEqual({
    kind: 'safetensors',
    metadata: { format: 'pt', '<b>': `${'x'.repeat(4096)}…` },
    tensors: 2,
    parameters: 7,
    dtypes: ['BF16', 'F16'],
  })
})

test('a damaged model has no preview, whatever its first bytes are', async () => {
  const { preview } = await withPreview()
  const bad = [
    Buffer.from('short'),
    safetensors({}, 10n ** 18n),
    safetensors({}, 2n ** 64n - 1n),
    safetensors('not json'),
    safetensors('[]'),
    safetensors({ a: { dtype: 1, shape: 'x' } }),
    safetensors({ a: { dtype: 'F16', shape: [-1] } }),
    safetensors({ __metadata__: { a: 1 } }),
  ]
  for (const bytes of bad)
    expect(await preview('a.safetensors', bytes)).toEqual({
      kind: 'none',
      reason: expect.stringMatching(/safetensors/),
    })
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      expect(['none', 'safetensors']).toContain((await preview('b.sft', bytes)).kind)
    }),
    { numRuns: 30 },
  )
})

test('pictures, videos and sound come inline under their own type, everything else never does', async () => {
  const { preview, call } = await withPreview()
  const kinds = { 'a.PNG': 'image', 'a.webp': 'image', 'a.mp4': 'video', 'a.flac': 'audio' }
  for (const [name, kind] of Object.entries(kinds)) {
    expect(await preview(name, 'x')).toEqual({ kind })
    const { headers } = await call('GET', `file?${query({ path: name, inline: '1' })}`)
    expect(headers.get('content-type')).toMatch(new RegExp(`^${kind}/`))
    expect(headers.get('content-disposition')).toBeNull()
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }
  for (const name of ['a.html', 'a.svg', 'a.xml', 'a.js', 'a.pdf', 'a.png.html', 'png', 'a.txt']) {
    await preview(name, '<script>alert(1)</script>')
    const { headers } = await call('GET', `file?${query({ path: name, inline: '1' })}`)
    expect([name, headers.get('content-type')]).toEqual([name, 'application/octet-stream'])
    expect(headers.get('content-disposition')).toMatch(/^attachment/)
  }
})

test('a video can be asked for in parts, and a part that is not there is refused', async () => {
  const { preview, origin } = await withPreview()
  await preview('a.mp4', '0123456789')
  const ask = (range: string) => fetch(`${origin}/api/file?path=a.mp4&inline=1`, { headers: { range } })
  const part = await ask('bytes=3-5')
  expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
    206,
    '345',
    'bytes 3-5/10',
  ])
  expect((await ask('bytes=20-')).status).toBe(416)
})

test('what can hang is not opened', async () => {
  const { call, workspace } = await withPreview()
  execFileSync('mkfifo', [join(workspace, 'pipe')])
  for (const path of ['preview?path=pipe', 'file?path=pipe', 'preview?path=models'])
    expect((await call('GET', path)).json.error.code).toBe('not_a_file')
})
