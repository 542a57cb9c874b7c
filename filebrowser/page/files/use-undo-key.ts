import { type RefObject, useEffect, useRef } from 'react'

/** Ctrl+Z or Cmd+Z, wherever the focus is, but not while something is typed, asked, or shown in place of `view`. */
export function useUndoKey(view: RefObject<HTMLElement>, undo: () => void) {
  const current = useRef(undo)
  current.current = undo
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'z' || !(event.ctrlKey || event.metaKey)) return
      const isTyping = (event.target as Element).matches('input:not([type=checkbox]), textarea')
      const isShown = view.current?.checkVisibility() && !document.querySelector('dialog[open]')
      if (isTyping || !isShown) return
      event.preventDefault()
      current.current()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [view])
}
