const GAP_PX = 4
const EDGE_PX = 8

/** Puts what is `position: fixed` under something, or above it where there is no room, and inside the window. */
export function placeUnder(popup: HTMLElement, something: Element) {
  const { top, bottom, left, width } = something.getBoundingClientRect()
  const own = popup.getBoundingClientRect()
  const under = bottom + GAP_PX
  const isRoom = under + own.height + EDGE_PX <= innerHeight
  const middle = left + width / 2 - own.width / 2
  Object.assign(popup.style, {
    inset: 'auto',
    top: `${Math.max(EDGE_PX, isRoom ? under : top - GAP_PX - own.height)}px`,
    left: `${Math.max(EDGE_PX, Math.min(middle, innerWidth - own.width - EDGE_PX))}px`,
  })
}
