import type { ProviderId } from '~/providers/registry'
import { scrub } from '~/scrub'
import type { Timers } from '../timers'
import type { TransferProgress } from '../transfers/contract'
import type { Entry, Run } from './entry'
import type { DownloadList } from './list'
import { sampled } from './speed'
import type { DownloadStore } from './store'

const NOTICES_MAX = 20

export interface ProgressDeps {
  list: DownloadList
  store: DownloadStore
  timers: Timers
  tokens: Partial<Record<ProviderId, string>>
}

interface Steps {
  /** Told the absolute path that is about to be written to; what it throws ends the transfer. */
  claim: (target: string) => void
  /** Bytes came that were never there before. */
  onAdvance: () => void
}

/** Takes down what a transfer tells on its way. */
export function progressOf(
  entry: Entry,
  run: Run,
  { list, store, timers, tokens }: ProgressDeps,
  { claim, onAdvance }: Steps,
): TransferProgress {
  const { record } = entry
  /** What comes in after somebody stopped it changes nothing any more. */
  const now = (state: 'verifying' | 'downloading'): boolean => {
    if (run.controller.signal.aborted) return false
    if (record.state !== state) void list.move(entry, state)
    return true
  }
  return {
    onTarget({ folder, name, whole }) {
      record.target = { folder, name }
      list.feed.changed(record.id)
      claim(whole)
    },
    /** On the disk before the first byte: without it nobody could tell what the bytes belong to. */
    async onFile({ pickle, ...content }) {
      run.controller.signal.throwIfAborted()
      Object.assign(record, { content, pickle })
      list.feed.changed(record.id)
      await store.save(record)
    },
    onVerifying(read) {
      if (!now('verifying')) return
      record.received = read
      list.feed.progressed(record.id)
    },
    onBytes(received) {
      if (!now('downloading')) return
      record.received = received
      entry.course = sampled(entry.course, timers.now(), received)
      if (received > entry.furthest) {
        entry.furthest = received
        record.tries = 0
        onAdvance()
      }
      list.feed.progressed(record.id)
    },
    onNotice(sentence) {
      const notice = scrub(sentence, Object.values(tokens))
      if (record.notices.includes(notice) || record.notices.length >= NOTICES_MAX) return
      record.notices.push(notice)
      list.feed.changed(record.id)
    },
  }
}
