const GAP_PX = 4
const EDGE_PX = 8

/** Puts what is `position: fixed` under its button, or above it where there is no room, and inside the window. */
export function placeBeside(popup: HTMLElement, button: HTMLElement) {
  const beside = button.getBoundingClientRect()
  const { width, height } = popup.getBoundingClientRect()
  const below = beside.bottom + GAP_PX
  const top = below + height + EDGE_PX > innerHeight ? beside.top - GAP_PX - height : below
  const left = Math.min(beside.right - width, innerWidth - width - EDGE_PX)
  Object.assign(popup.style, {
    inset: 'auto',
    top: `${Math.max(EDGE_PX, top)}px`,
    left: `${Math.max(EDGE_PX, left)}px`,
  })
}
