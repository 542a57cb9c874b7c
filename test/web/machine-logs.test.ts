import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { logFolder } from '~/log-files'
import { boundedLog } from '~/worker/logs/bounded-log'
import { follow } from './events'
import { type Site, startSite } from './site'
import { dataOf, refusalOf, type Visitor } from './visitor'

interface Log {
  service: string
  attempt: number
  services: string[]
  attempts: number[]
  text: string
  from: number
  to: number
  size: number
  dropped: number
  older: string | null
  newer: string
}

const KILOBYTES_64 = 65_536

async function printing({ env = {} as Record<string, string> } = {}) {
  const site = await startSite({ env })
  const id = site.runMachine(site.admin)
  const browser = site.signedIn(site.admin)
  return {
    ...site,
    id,
    browser,
    file: printer(site, id),
    read: async (input: object = {}, asking: Visitor = browser) =>
      dataOf<Log>(await asking.query('machines.logs', { id, service: 'filebrowser', ...input })),
  }
}

/** What a service's log writer does with what the service prints. */
function printer(
  { dataDir }: Site,
  id: string,
  { service = 'filebrowser', attempt = 1, bytesMax = 1e6 } = {},
) {
  const log = boundedLog({ folder: logFolder(dataDir, id), service, attempt }, bytesMax)
  return (text: string | Buffer) => log.write(Buffer.from(text))
}

const lines = (count: number) => Array.from({ length: count }, (_, n) => `line ${n} of the log\n`)

describe('a log is read', () => {
  it('by its owner, the newest first, and says which there are', async () => {
    const { file, read } = await printing()
    expect(await read()).toMatchObject({ text: '', services: ['filebrowser'], attempts: [], older: null })
    file('Listening\n')
    expect(await read()).toMatchObject({
      service: 'filebrowser',
      attempt: 1,
      attempts: [1],
      text: 'Listening\n',
      size: 10,
      dropped: 0,
      older: null,
    })
  })

  it('by an API token that may read machines', async () => {
    const { file, read, withApiToken, admin } = await printing()
    file('Listening\n')
    expect((await read({}, withApiToken(admin, ['machines:read']).visitor)).text).toBe('Listening\n')
  })

  it('page by page to its beginning, in whole lines, each of them once', async () => {
    const { file, read } = await printing()
    const printed = lines(12_000)
    file(printed.join(''))
    const pages: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const { text, older } = await read({ cursor })
      expect(text).toMatch(/^line \d+ of the log\n/)
      expect(text.length).toBeLessThanOrEqual(KILOBYTES_64)
      pages.unshift(text)
      cursor = older
    }
    expect(pages.length).toBeGreaterThan(3)
    expect(pages.join('')).toBe(printed.join(''))
  })

  it('from its start to its end, and from there on as it grows', async () => {
    const { file, read } = await printing()
    const printed = lines(6000).join('')
    file(printed)
    let cursor = 'start'
    let text = ''
    for (let page = await read({ cursor }); page.text; page = await read({ cursor })) {
      text += page.text
      cursor = page.newer
    }
    expect(text).toBe(printed)
    file('one more\n')
    expect((await read({ cursor })).text).toBe('one more\n')
  })

  it('without ever cutting a character in two', async () => {
    const { file, read } = await printing()
    const printed = 'x✓模é'.repeat(20_000)
    file(printed)
    let text = ''
    for (let page = await read({ cursor: 'start' }); page.text; page = await read({ cursor: page.newer }))
      text += page.text
    expect(text).toBe(printed)
    file(Buffer.from('✓').subarray(0, 2))
    expect((await read()).text).not.toContain('\ufffd')
  })

  it('with what it lacks, when there was too much', async () => {
    const site = await printing()
    const file = printer(site, site.id, { bytesMax: 8000 })
    const printed = lines(2000).join('')
    file(printed)
    const { text, dropped, size, from } = await site.read({ cursor: 'start' })
    expect(size).toBe(printed.length)
    expect(dropped).toBeGreaterThan(printed.length - 8000)
    expect(from).toBe(dropped)
    expect(printed.endsWith(text)).toBe(true)
    expect((await site.read({ cursor: '1>0' })).from).toBe(dropped)
  })

  it('of an earlier attempt too', async () => {
    const site = await printing()
    site.file('of the first\n')
    printer(site, site.id, { attempt: 2 })('of the second\n')
    site.db.$client.prepare('update machines set attempt = 2').run()
    expect(await site.read()).toMatchObject({ attempt: 2, text: 'of the second\n', attempts: [1, 2] })
    expect(await site.read({ attempt: 1 })).toMatchObject({ attempt: 1, text: 'of the first\n' })
    expect(await site.read({ cursor: '1>3' })).toMatchObject({ attempt: 1, text: 'the first\n' })
  })
})

describe('a search', () => {
  it('finds the lines that hold the words in either case, whatever colour they are in', async () => {
    const { file, read } = await printing()
    file(`${lines(9000).join('')}\u001b[31mCUDA \u001b[1mout of memory\u001b[0m\n${lines(9000).join('')}`)
    expect(await read({ search: 'cuda OUT of' })).toMatchObject({ text: 'CUDA out of memory\n', older: null })
    expect(await read({ search: 'line 8999 of' })).toMatchObject({
      text: 'line 8999 of the log\nline 8999 of the log\n',
    })
    expect(await read({ search: 'nowhere' })).toMatchObject({ text: '', older: null })
  })

  it('goes on where it left off', async () => {
    const { file, read } = await printing()
    const printed = lines(10_000)
    file(printed.join(''))
    const found: string[] = []
    let asked = 0
    for (let cursor: string | null | undefined; cursor !== null; asked++) {
      const { text, older } = await read({ cursor, search: 'of the log' })
      found.unshift(text)
      cursor = older
    }
    expect(asked).toBeGreaterThan(1)
    expect(found.join('')).toBe(printed.join(''))
  })
})

describe('watching a log', () => {
  it('tells what was printed, and what is printed from then on, each once', async () => {
    const { file, id, browser } = await printing()
    file('before\n')
    const stream = await follow(browser, 'machines.watchLogs', { id, service: 'filebrowser' })
    expect((await stream.next()).data).toMatchObject({ text: 'before\n' })
    file('without an end')
    expect((await stream.next()).data).toMatchObject({ text: 'without an end' })
    file(' and then one\n')
    expect((await stream.next()).data).toMatchObject({ text: ' and then one\n' })
  })

  it('fault 48: goes on after what arrived last when the connection is cut', async () => {
    const { file, id, browser } = await printing()
    const input = { id, service: 'filebrowser' }
    file('one\n')
    const first = await follow(browser, 'machines.watchLogs', input)
    const { id: lastId = '' } = await first.next()
    first.leave()
    file('two\n')
    const again = await follow(browser, 'machines.watchLogs', input, lastId)
    expect((await again.next()).data).toMatchObject({ text: 'two\n' })
  })

  it('begins at the cursor of a page', async () => {
    const { file, id, browser, read } = await printing()
    file('one\n')
    const { newer } = await read()
    file('two\n')
    const stream = await follow(browser, 'machines.watchLogs', { id, service: 'filebrowser', cursor: newer })
    expect((await stream.next()).data).toMatchObject({ text: 'two\n' })
  })
})

describe('a download', () => {
  it('is all that is kept, as a file', async () => {
    const { file, id, browser } = await printing()
    const printed = lines(9000).join('')
    file(printed)
    const { status, headers, text } = await browser.get(`/machines/${id}/logs/filebrowser.log`)
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="${id}-filebrowser-1.log"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(text).toBe(printed)
  })

  it('says what is missing at its beginning', async () => {
    const site = await printing()
    printer(site, site.id, { bytesMax: 8000 })(lines(2000).join(''))
    const { text } = await site.browser.get(`/machines/${site.id}/logs/filebrowser.log`)
    const { dropped } = await site.read()
    expect(text).toMatch(new RegExp(`^\\[slipway\\] The first ${dropped} bytes are not kept\\.\nline `))
    expect(text).toMatch(/line 1999 of the log\n$/)
  })

  it('needs a session or an API token that may read machines', async () => {
    const { id, file, visitor, withApiToken, admin } = await printing()
    file('Listening\n')
    const path = `/machines/${id}/logs/filebrowser.log`
    expect((await visitor().get(path)).status).toBe(302)
    expect((await withApiToken(admin, ['models:read']).visitor.get(path)).status).toBe(403)
    expect((await withApiToken(admin, ['machines:read']).visitor.get(path)).text).toBe('Listening\n')
  })
})

test.each([
  [{ service: 'trainer' }, 'This machine has no trainer.'],
  [{ service: '../../token-keys' }, 'service: must be one of comfyui, filebrowser, trainer'],
  [{ cursor: '1>-5' }, 'cursor: is none that an answer named; leave it out for the newest'],
  [{ attempt: -1 }, /^attempt: /],
  [{ search: 'x'.repeat(201) }, 'search: has more than 200 characters'],
])('what there is no log of is refused by name: %j', async (input, message) => {
  const { id, browser, dataDir } = await printing()
  writeFileSync(join(dataDir, 'token-keys'), 'CANARY')
  const answer = await browser.query('machines.logs', { id, service: 'filebrowser', ...input })
  expect(answer.status).toBe(400)
  expect(refusalOf(answer).message).toMatch(message)
  expect(answer.text).not.toContain('CANARY')
})

test.each(['filebrowser', 'passwd.txt', '..%2f..%2fslipway.db', 'trainer.log', 'x.log'])(
  'there is no file %s to download',
  async (name) => {
    const { id, browser } = await printing()
    expect([400, 404]).toContain((await browser.get(`/machines/${id}/logs/${name}`)).status)
  },
)

describe('without scripts the page shows', () => {
  it('the newest lines as text, and the way to older ones, other services and the file', async () => {
    const { file, id, browser } = await printing({ env: {} })
    file(`${lines(6000).join('')}<img src=x onerror=alert(1)>\n`)
    const { text } = await browser.get(`/machines/${id}`)
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(text).toContain('line 5999 of the log')
    expect(text).not.toContain('line 1 of the log')
    expect(text).toContain(`/machines/${id}/logs/filebrowser.log?attempt=1`)
    const [, older = ''] = /href="([^"]*cursor=[^"]*)"/.exec(text) ?? []
    const page = await browser.get(older.replaceAll('&amp;', '&'))
    expect(page.text).not.toContain('line 5999 of the log')
    expect(page.text).toContain('Newest lines')
  })

  it('what a search finds', async () => {
    const { file, id, browser } = await printing()
    file(lines(6000).join(''))
    const { text } = await browser.get(`/machines/${id}?log=filebrowser&search=line+77+`)
    expect(text).toContain('line 77 of the log')
    expect(text).not.toContain('line 5999 of the log')
    const none = await browser.get(`/machines/${id}?search=%3Cb%3Enowhere`)
    expect(none.text).toContain('No line holds “&lt;b&gt;nowhere”.')
  })
})
