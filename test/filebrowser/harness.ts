import { mkdtemp, readdir, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { DownloadView } from '~/filebrowser/contract'
import { createFilebrowser } from '~/filebrowser/server'
import { parseSettings } from '~/filebrowser/settings'

interface HarnessOptions {
  env?: Record<string, string>
  freeBytes?: () => Promise<number>
  now?: () => number
  /** Of an earlier one; whoever passes it removes it. */
  workspace?: string
}

/** The real server on a free port, with a workspace of its own; ends with the test. */
export async function startFilebrowser({ env = {}, freeBytes, now, workspace: given }: HarnessOptions = {}) {
  const workspace = given ?? (await mkdtemp(join(tmpdir(), 'filebrowser-')))
  const settings = parseSettings({ PORT: '0', WORKSPACE: workspace, ...env })
  const log: string[] = []
  const { server, close } = await createFilebrowser(settings, {
    freeBytes,
    now,
    log: (line) => log.push(line),
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  /** Everything that was answered, to be searched for what must not be there. */
  const answers: string[] = []
  onTestFinished(async () => {
    await close()
    if (!given) await rm(workspace, { recursive: true, force: true })
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

  /** Starts a download and waits for its end, as the live list tells it. */
  async function download(url: string, folder?: string): Promise<DownloadView> {
    const { status, json } = await call('POST', 'downloads', { url, folder })
    if (status !== 202) throw new Error(`refused: ${JSON.stringify(json)}`)
    return until(json.id, ({ finishedAt }) => finishedAt !== null)
  }

  async function until(id: string, holds: (view: DownloadView) => boolean): Promise<DownloadView> {
    const { body } = await fetch(`${origin}/api/downloads/events`)
    if (!body) throw new Error('the live list is empty')
    const decoder = new TextDecoder()
    let text = ''
    for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) {
      const chunk = decoder.decode(bytes, { stream: true })
      text += chunk
      answers.push(chunk)
      const lists = text.split('\n\n')
      text = lists.pop() ?? ''
      for (const line of lists.filter((each) => each.startsWith('data: '))) {
        const views: DownloadView[] = JSON.parse(line.slice('data: '.length))
        const view = views.find((each) => each.id === id)
        if (!view || !holds(view)) continue
        return view
      }
    }
    throw new Error('the live list ended')
  }

  /** Every file below the workspace but the program's own state. */
  async function filesOnDisk(): Promise<string[]> {
    const entries = await readdir(workspace, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(workspace.length + 1))
      .filter((path) => !/(^|\/)\.slipway\//.test(path))
      .sort()
  }

  return { origin, workspace, server, call, download, until, filesOnDisk, answers, log, close }
}

function parseJson(text: string) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const query = (values: Record<string, string>) => new URLSearchParams(values).toString()
