import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { DownloadState, DownloadView } from '~/filebrowser/contract'
import { Downloads, type DownloadsDeps } from '~/filebrowser/downloads/downloads'
import { openStore } from '~/filebrowser/downloads/store'
import { Refusal } from '~/filebrowser/refusal'
import type { TransferProgress, TransferRequest, Transferred } from '~/filebrowser/transfers/contract'
import { partPath } from '~/filebrowser/workspace/parts'
import { openWorkspace } from '~/filebrowser/workspace/workspace'
import { issuerSettings } from '~/providers/issuers'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'
import { testTimers } from './test-timers'

/** A transfer that does what the test says, step by step. */
export interface FakeTransfer {
  request: TransferRequest
  progress: TransferProgress
  signal: AbortSignal
  /** Asks the source, settles the target and leaves so many bytes beside it. */
  find(size?: number, left?: number): Promise<void>
  finish(): void
  fail(error: unknown): void
}

const NOTHING = { huggingfaceEndpoint: undefined, civitaiEndpoint: undefined, downloadHosts: [] }
export const HUB = 'https://huggingface.co/owner/model/resolve/main'

/** The queue with a clock and transfers in the test's hand. @param given what replaces its usual parts */
export async function openQueue(given: Partial<DownloadsDeps> & { folder?: string } = {}) {
  const temporary = given.folder ? undefined : temporaryFolder()
  const folder = given.folder ?? (temporary as { path: string }).path
  const workspace = await openWorkspace(folder)
  const timers = testTimers()
  const transfers: FakeTransfer[] = []
  const log: string[] = []
  const faults: unknown[] = []

  const fetch: DownloadsDeps['fetch'] = (request, progress, signal) =>
    new Promise<Transferred>((resolve, reject) => {
      const target = request.folder ?? 'models/checkpoints'
      const name =
        request.name ??
        (request.source.provider === 'huggingface' ? request.source.path.at(-1) : 'file') ??
        ''
      const end = (error: unknown) => reject(signal.aborted ? new Refusal('canceled', 'Stopped.') : error)
      signal.addEventListener('abort', end)
      const transfer: FakeTransfer = {
        request,
        progress,
        signal,
        async find(size = 100, left = 0) {
          try {
            progress.onTarget?.({ folder: target, name, whole: join(workspace.root, target, name) })
            const content = { folder: target, name, size, sha256: null, version: 'v1', etag: null }
            await progress.onFile({ ...content, pickle: false })
          } catch (error) {
            return end(error)
          }
          if (left) await writeFile(partPath(join(workspace.root, target), request.id), Buffer.alloc(left))
          progress.onBytes(left)
        },
        finish: () =>
          resolve({ path: `${target}/${name}`, size: 100, sha256: 'f'.repeat(64), verified: 'sha256' }),
        fail: end,
      }
      transfers.push(transfer)
    })

  const downloads = await Downloads.open({
    workspace,
    timers,
    fetch,
    store: openStore(join(folder, '.slipway/downloads')),
    issuers: issuerSettings(NOTHING),
    tokens: {},
    atOnce: 3,
    onDone: () => {},
    onFault: (error) => faults.push(error),
    log: (line) => log.push(line),
    ...given,
  })

  onTestFinished(async () => {
    await downloads.close()
    temporary?.remove()
  })

  const add = async (...names: string[]): Promise<string[]> =>
    (await downloads.add(names.map((name) => ({ source: `${HUB}/${name}` })))).downloads.map(({ id }) => id)
  const view = (id: string | undefined): DownloadView => {
    const [found] = downloads.views([id ?? ''])
    if (!found) throw new Error(`There is no download ${id}.`)
    return found
  }
  /** The transfer that runs for a file. */
  const transferOf = (name: string): FakeTransfer => {
    const found = transfers
      .filter(({ request }) => JSON.stringify(request.source).includes(`"${name}"`))
      .at(-1)
    if (!found) throw new Error(`Nothing was begun for ${name}.`)
    return found
  }
  /** What each file is doing, in the order that it was asked for. */
  const states = (): DownloadState[] =>
    downloads
      .list()
      .map(({ state }) => state)
      .reverse()
  const settled = (...expected: DownloadState[]) =>
    until(`${expected}`, () => states().join() === expected.join())
  const parts = async () =>
    (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.part'))

  return {
    folder,
    workspace,
    timers,
    transfers,
    log,
    faults,
    downloads,
    add,
    view,
    transferOf,
    states,
    settled,
    parts,
  }
}

export async function writeRecord(folder: string, name: string, text: string): Promise<void> {
  await mkdir(join(folder, '.slipway/downloads'), { recursive: true })
  await writeFile(join(folder, '.slipway/downloads', name), text)
}
