import { type FocusEvent, useLayoutEffect, useRef } from 'react'

/**
 * A row that moves to another group, or goes, takes the focus with it into nowhere; this gives it to the row's own
 * first button where it is now, else to the row that has taken its place, else to the list.
 * @returns for the element round the rows, which carry `data-download`
 */
export function useKeptFocus<T extends HTMLElement>() {
  const list = useRef<T>(null)
  const held = useRef<{ id: string; place: number }>()

  // After every change: what was removed can't say so itself.
  useLayoutEffect(() => {
    if (!held.current || !list.current || document.activeElement !== document.body) return
    const rows = rowsIn(list.current)
    const { id, place } = held.current
    const row = rows.find(({ dataset }) => dataset.download === id) ?? rows[Math.min(place, rows.length - 1)]
    const target = row?.querySelector('button') ?? list.current
    target.focus({ preventScroll: true })
  })

  return {
    ref: list,
    tabIndex: -1,
    onFocus({ target }: FocusEvent) {
      const row = target.closest<HTMLElement>('[data-download]')
      const id = row?.dataset.download
      held.current = row && id && list.current ? { id, place: rowsIn(list.current).indexOf(row) } : undefined
    },
    // React keeps still about what it removes itself, so this is a person who leaves.
    onBlur() {
      held.current = undefined
    },
  }
}

const rowsIn = (list: HTMLElement) => [...list.querySelectorAll<HTMLElement>('[data-download]')]
