import { mkdtemp, readdir, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { DownloadEvent, DownloadView } from '~/filebrowser/contract'
import { createFilebrowser } from '~/filebrowser/server'
import { parseSettings } from '~/filebrowser/settings'
import { systemTimers, type Timers } from '~/filebrowser/timers'

interface HarnessOptions {
  env?: Record<string, string>
  freeBytes?: () => Promise<number>
  /** Of a filebrowser that has ended; its folders are there again. */
  workspace?: string
}

/** On this clock whatever takes minutes is over in a moment; what takes hours never happens. */
function hurriedTimers(): Timers {
  let skipped = 0
  return {
    now: () => Date.now() + skipped,
    after(ms, act) {
      if (ms > 3_600_000) return () => {}
      const real = Math.min(ms, 20)
      return systemTimers.after(real, () => {
        skipped += ms - real
        act()
      })
    },
  }
}

/** The real server on a free port, with a workspace of its own; ends with the test. */
export async function startFilebrowser({ env = {}, freeBytes, ...given }: HarnessOptions = {}) {
  const workspace = given.workspace ?? (await mkdtemp(join(tmpdir(), 'filebrowser-')))
  const settings = parseSettings({ PORT: '0', WORKSPACE: workspace, ...env })
  const log: string[] = []
  const options = { freeBytes, timers: hurriedTimers(), log: (line: string) => log.push(line) }
  const { server, close } = await createFilebrowser(settings, options)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  /** Everything that was answered, to be searched for what must not be there. */
  const answers: string[] = []
  onTestFinished(async () => {
    await close()
    await rm(workspace, { recursive: true, force: true })
  })

  /** As the page does it: with its own Origin. */
  async function call(method: string, path: string, body?: unknown) {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    const answer = await fetch(`${origin}/api/${path}`, {
      method,
      headers: { origin, ...(body !== undefined && !isRaw && { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : isRaw ? (body as string) : JSON.stringify(body),
    })
    const text = await answer.text()
    answers.push(JSON.stringify([...answer.headers]), text)
    return { status: answer.status, headers: answer.headers, text, json: parseJson(text) }
  }

  /** Puts one file into the queue. */
  async function queue(source: string, folder?: string): Promise<DownloadView> {
    const { status, json } = await call('POST', 'downloads', { source, folder })
    if (status !== 202) throw new Error(`refused: ${JSON.stringify(json)}`)
    return json.downloads[0]
  }

  /** Starts a download and waits for its end, as the live list tells it. */
  async function download(source: string, folder?: string): Promise<DownloadView> {
    const { id } = await queue(source, folder)
    return until(id, ({ finishedAt }) => finishedAt !== null)
  }

  /** The live list, one event after the other. */
  async function* events(): AsyncGenerator<DownloadEvent> {
    const { body } = await fetch(`${origin}/api/downloads/events`)
    if (!body) throw new Error('the live list is empty')
    const decoder = new TextDecoder()
    let text = ''
    for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
      const chunk = decoder.decode(bytes, { stream: true })
      text += chunk
      answers.push(chunk)
      const messages = text.split('\n\n')
      text = messages.pop() ?? ''
      for (const line of messages.filter((each) => each.startsWith('data: ')))
        yield JSON.parse(line.slice('data: '.length))
    }
    throw new Error('the live list ended')
  }

  async function until(id: string, holds: (view: DownloadView) => boolean): Promise<DownloadView> {
    for await (const event of events()) {
      if (event.type === 'removed') continue
      const view = event.downloads.find((each) => each.id === id)
      if (view && holds(view)) return view
    }
    throw new Error('the live list ended')
  }

  /** Every file below the workspace, but for what the filebrowser keeps for itself. */
  async function filesOnDisk(): Promise<string[]> {
    const entries = await readdir(workspace, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(workspace.length + 1))
      .filter((path) => !path.startsWith('.slipway/'))
      .sort()
  }

  return {
    origin,
    workspace,
    server,
    call,
    queue,
    download,
    events,
    until,
    filesOnDisk,
    answers,
    log,
    close,
  }
}

function parseJson(text: string) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const query = (values: Record<string, string>) => new URLSearchParams(values).toString()
