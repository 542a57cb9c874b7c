import { useNavigate } from '@remix-run/react'
import { useEffect, useRef } from 'react'
import { singleKeysOn } from './kept'
import { followKeys, HELP, PALETTE_KEY, SEARCH, singleKeys } from './shortcuts'

interface Shows {
  isAdmin: boolean
  onPalette: () => void
  onHelp: () => void
}

const TYPES_OR_CHOOSES = 'input, textarea, select, [contenteditable], [role=menu], [role=listbox]'
const DIALOG = 'dialog[open], [role=dialog], [role=alertdialog]'

/** Listens to the keyboard shortcuts, for as long as the page is there. Dialogs and fields keep their keys. */
export function useShortcuts(shows: Shows): void {
  const { isAdmin } = shows
  const navigate = useNavigate()
  const latest = useRef({ ...shows, navigate })
  latest.current = { ...shows, navigate }

  useEffect(() => {
    const follow = followKeys(singleKeys(isAdmin))
    function onKeyDown(event: KeyboardEvent) {
      const { key, ctrlKey, metaKey, altKey, isComposing, defaultPrevented, repeat, target } = event
      if (defaultPrevented || isComposing || repeat) return
      const inDialog = document.querySelector(DIALOG) !== null
      if (ctrlKey !== metaKey && !altKey && key.toLowerCase() === PALETTE_KEY) {
        // Browsers have their own use for it, which must not depend on what is open.
        event.preventDefault()
        if (!inDialog) latest.current.onPalette()
        return
      }
      if (inDialog) return
      if (ctrlKey || metaKey || altKey || !singleKeysOn.get()) return
      if (target instanceof Element && target.closest(TYPES_OR_CHOOSES)) return
      const shortcut = follow(key, event.timeStamp)
      if (!shortcut) return
      event.preventDefault()
      if ('to' in shortcut) latest.current.navigate(shortcut.to)
      else if (shortcut === HELP) latest.current.onHelp()
      else if (shortcut === SEARCH) focusSearch() || latest.current.onPalette()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [isAdmin])
}

/** @returns whether the page has one */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type=search]')
  field?.focus()
  field?.select()
  return field !== null
}
