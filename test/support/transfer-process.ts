import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Content } from '~/filebrowser/transfers/contract'
import { transfer } from '~/filebrowser/transfers/transfer'
import { freeBytes } from '~/filebrowser/workspace/room'
import { openWorkspace } from '~/filebrowser/workspace/workspace'
import { issuerSettings } from '~/providers/issuers'
import { parseModelUrl } from '~/providers/models/source'
import { createNetwork } from '~/providers/network/network'

/*
 * Fetches one file as a filebrowser does that is started again and again: goes on from the record that the one before
 * it left. Prints a line when it begins to read again what is there, and one when it is done.
 */
const { ENDPOINT = '', ADDRESS = '', FOLDER = '', RECORD = '' } = process.env

const issuers = issuerSettings({
  huggingfaceEndpoint: ENDPOINT,
  civitaiEndpoint: undefined,
  downloadHosts: [],
})
const network = createNetwork({ trustedHosts: issuers.trustedHosts, userAgent: 'test', here: 'Here' })
const deps = {
  workspace: await openWorkspace(FOLDER),
  network,
  tokens: {},
  makeRoom: (_bytes: number, target: string) => freeBytes(target),
  sleep: (ms: number, signal: AbortSignal) => pause(ms, undefined, { signal }),
}
const { id, known } = readRecord()
let isVerifying = false
const progress = {
  onFile: async (content: Content) => writeRecord({ id, known: content }),
  onVerifying: (_read: number, of: number) => {
    if (!isVerifying) console.log(`verifying ${of}`)
    isVerifying = true
  },
  onBytes: () => {},
  onNotice: (sentence: string) => console.log(`notice ${sentence}`),
}
console.log('begins')
const request = { source: parseModelUrl(ADDRESS, issuers), id, known }
console.log(`done ${JSON.stringify(await transfer(deps, request, progress, new AbortController().signal))}`)
await network.close()

interface TransferRecord {
  id: string
  known?: Content
}

function readRecord(): TransferRecord {
  try {
    return JSON.parse(readFileSync(RECORD, 'utf8'))
  } catch {
    return { id: randomUUID() }
  }
}

function writeRecord(record: TransferRecord) {
  writeFileSync(`${RECORD}.new`, JSON.stringify(record))
  renameSync(`${RECORD}.new`, RECORD)
}
