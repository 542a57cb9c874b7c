import { useRef, useState } from 'react'
import { Deletions } from './deletions'
import { filesApi } from './files-api'
import type { Say } from './use-toast'

/**
 * Deleting that can be undone.
 * @param onChanged called whenever something went or came back
 */
export function useDeletion(say: Say, onChanged: () => void): Pick<Deletions, 'remove' | 'undo'> {
  const current = useRef(onChanged)
  current.current = onChanged
  return useState(() => new Deletions({ api: filesApi, say, onChanged: () => current.current() }))[0]
}
