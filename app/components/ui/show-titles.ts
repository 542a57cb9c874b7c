import { placeUnder } from './place'

const HOVERED_MS = 500
/** The pointer may take its time from an element to what is shown under it. */
const LEFT_MS = 150

/** @returns how to stop */
export function showTitles(): (() => void) | undefined {
  const popup = makePopup()
  // The browser's own titles stay.
  if (!('showPopover' in popup)) return
  const stopping = new AbortController()
  /** Whose title is taken, so that the browser doesn't show it as well. */
  let taken: { from: Element; title: string } | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function hide() {
    clearTimeout(timer)
    if (!taken) return
    const { from, title } = taken
    taken = undefined
    if (!from.hasAttribute('title')) from.setAttribute('title', title)
    if (from.getAttribute('aria-describedby') === popup.id) from.removeAttribute('aria-describedby')
    popup.remove()
  }

  function take(from: Element, afterMs: number) {
    hide()
    const title = from.getAttribute('title')
    // What it opened lies there now.
    if (!title || from.getAttribute('aria-expanded') === 'true') return
    taken = { from, title }
    from.removeAttribute('title')
    // What is called so already needn't be described so.
    const isNews = from.getAttribute('aria-label') !== title && !from.hasAttribute('aria-describedby')
    if (isNews) from.setAttribute('aria-describedby', popup.id)
    popup.textContent = title
    timer = setTimeout(() => {
      if (!from.isConnected) return
      // Beside a modal dialog it would be out of reach.
      const place = from.closest('dialog, main, header, nav') ?? document.body
      place.append(popup)
      popup.showPopover()
      placeUnder(popup, from)
    }, afterMs)
  }

  const on = <K extends keyof DocumentEventMap>(kind: K, listen: (event: DocumentEventMap[K]) => void) =>
    document.addEventListener(kind, listen, { signal: stopping.signal, capture: true })
  const titled = ({ target }: Event) => (target as Element).closest?.('[title]') ?? undefined
  const isAt = ({ target }: Event) => popup.contains(target as Node) || taken?.from.contains(target as Node)

  on('pointerover', (event) => {
    if (event.pointerType === 'touch') return
    if (isAt(event)) {
      if (popup.matches(':popover-open')) clearTimeout(timer)
      return
    }
    const next = titled(event)
    if (next) return take(next, HOVERED_MS)
    if (!popup.matches(':popover-open')) return hide()
    clearTimeout(timer)
    timer = setTimeout(hide, LEFT_MS)
  })
  on('pointerdown', (event) => !popup.contains(event.target as Node) && hide())
  on('pointerup', (event) => {
    const touched = event.pointerType === 'touch' && titled(event)
    // What does something when it is touched says so by doing it.
    if (touched && !touched.closest('a, button, summary')) take(touched, 0)
  })
  on('focusin', (event) => {
    const focused = event.target as Element
    if (focused.hasAttribute('title') && focused.matches(':focus-visible')) take(focused, 0)
  })
  on('focusout', hide)
  on('keydown', hide)
  on('scroll', () => taken && popup.isConnected && placeUnder(popup, taken.from))
  return () => {
    hide()
    stopping.abort()
  }
}

function makePopup(): HTMLElement {
  const popup = document.createElement('div')
  popup.id = 'tooltip'
  popup.role = 'tooltip'
  popup.popover = 'manual'
  popup.className =
    'fixed m-0 max-w-xs rounded-sm bg-text px-2 py-1 text-xs text-surface shadow-md wrap-anywhere'
  return popup
}
