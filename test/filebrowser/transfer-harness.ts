import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type {
  Content,
  FoundFile,
  TransferDeps,
  TransferRequest,
  Transferred,
} from '~/filebrowser/transfers/contract'
import { transfer } from '~/filebrowser/transfers/transfer'
import { openWorkspace } from '~/filebrowser/workspace/workspace'
import { issuerSettings } from '~/providers/issuers'
import { parseModelUrl } from '~/providers/models/source'
import { createNetwork } from '~/providers/network/network'
import { temporaryFolder } from '../support/temp-folder'

interface HarnessOptions {
  huggingface?: string
  civitai?: string
  hosts: string[]
  tokens?: TransferDeps['tokens']
  freeBytes?: TransferDeps['freeBytes']
}

interface Told {
  found: FoundFile[]
  notices: string[]
  received: number[]
  verified: number[]
}

/** Transfers into a workspace of the test's own; pauses take no time and are counted. */
export async function transfers({ huggingface, civitai, hosts, tokens = {}, freeBytes }: HarnessOptions) {
  const issuers = issuerSettings({
    huggingfaceEndpoint: huggingface,
    civitaiEndpoint: civitai,
    downloadHosts: hosts,
  })
  const folder = temporaryFolder()
  const workspace = await openWorkspace(join(folder.path, 'workspace'))
  const network = createNetwork({ trustedHosts: issuers.trustedHosts, userAgent: 'test', here: 'Here' })
  const pauses: number[] = []
  onTestFinished(async () => {
    await network.close()
    folder.remove()
  })
  const deps: TransferDeps = {
    workspace,
    network,
    tokens,
    freeBytes: freeBytes ?? (async () => 1e12),
    sleep: async (ms, signal) => {
      pauses.push(ms)
      signal.throwIfAborted()
    },
  }

  /** One try. @param onBytes sees every number that is told */
  async function run(
    url: string,
    given: Partial<TransferRequest> & { onBytes?: (received: number) => void; signal?: AbortSignal } = {},
  ) {
    const { onBytes, signal = new AbortController().signal, ...request } = given
    const told: Told = { found: [], notices: [], received: [], verified: [] }
    const result = await transfer(
      deps,
      { source: parseModelUrl(url, issuers), id: randomUUID(), ...request },
      {
        onFile: async (found) => void told.found.push(found),
        onVerifying: (read) => told.verified.push(read),
        onBytes: (received) => {
          told.received.push(received)
          onBytes?.(received)
        },
        onNotice: (sentence) => told.notices.push(sentence),
      },
      signal,
    ).then(
      (transferred) => ({ transferred, refusal: undefined }),
      (refusal) => ({ transferred: undefined, refusal }),
    )
    return { ...told, ...result, known: told.found.at(-1) as Content | undefined }
  }

  /** A try that is stopped as soon as so many bytes are there. @returns what a later try needs to go on */
  async function stopAt(bytes: number, url: string, given: Partial<TransferRequest> = {}) {
    const stop = new AbortController()
    const id = given.id ?? randomUUID()
    const onBytes = (received: number) => received >= bytes && stop.abort()
    const stopped = await run(url, { ...given, id, signal: stop.signal, onBytes })
    return { id, known: stopped.known, stopped }
  }

  /** Every file below the workspace. */
  async function filesOnDisk(): Promise<string[]> {
    const entries = await readdir(workspace.root, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(workspace.root.length + 1))
      .sort()
  }

  const read = (path: string) => readFile(join(workspace.root, path))
  return {
    deps,
    workspace,
    root: workspace.root,
    outside: folder.path,
    pauses,
    run,
    stopAt,
    filesOnDisk,
    read,
  }
}

/** Bytes that repeat nowhere, so that none is taken for another; the same for the same seed. */
export function bytesOf(length: number, seed = 'slipway'): Buffer {
  const blocks: Buffer[] = []
  for (let index = 0; index * 32 < length; index++)
    blocks.push(createHash('sha256').update(`${seed}${index}`).digest())
  return Buffer.concat(blocks).subarray(0, length)
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
export const whole = (path: string, bytes: Buffer): Transferred => ({
  path,
  size: bytes.length,
  sha256: sha256(bytes),
  verified: 'sha256',
})
