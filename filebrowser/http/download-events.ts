import type { RequestHandler } from 'express'
import type { DownloadEvent } from '../contract'
import type { Downloads } from '../downloads/downloads'
import type { Timers } from '../timers'
import { liveEvents } from './live'

/** The whole list first, then what changes; until it is told that is remembered by its id alone. */
export const downloadEvents = (downloads: Downloads, timers: Timers): RequestHandler =>
  liveEvents('the downloads', timers, (onChange) => {
    const changed = new Set<string>()
    const removed = new Set<string>()
    let isFirst = true
    const stop = downloads.subscribe((changes) => {
      for (const id of changes.changed) changed.add(id)
      for (const id of changes.removed) {
        changed.delete(id)
        removed.add(id)
      }
      onChange()
    })

    function take(): DownloadEvent[] {
      if (isFirst) {
        isFirst = false
        return [{ type: 'all', downloads: downloads.list() }]
      }
      const events: DownloadEvent[] = []
      if (removed.size > 0) events.push({ type: 'removed', ids: [...removed] })
      removed.clear()
      const views = downloads.views(changed)
      changed.clear()
      if (views.length > 0) events.push({ type: 'changed', downloads: views })
      return events
    }
    return { take, stop }
  })
