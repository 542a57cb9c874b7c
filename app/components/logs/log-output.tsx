import { type KeyboardEvent, type RefObject, type UIEvent, useEffect, useMemo, useRef } from 'react'
import { plainText } from '../../../log-text'

/** So far from the end still counts as being there. */
const END_PX = 24

const isUpwards = ({ key, shiftKey, altKey }: KeyboardEvent) =>
  !altKey && (['Home', 'PageUp', 'ArrowUp'].includes(key) || (key === ' ' && shiftKey))

interface LogOutputProps {
  output: RefObject<HTMLPreElement>
  label: string
  text: string
  isFollowing: boolean
  /** Told whether the reader is at the end. */
  onScroll(isAtEnd: boolean): void
}

/** Output as text alone, whatever it holds; it scrolls by keyboard, and stays at its end while it is followed. */
export function LogOutput({ output, label, text, isFollowing, onScroll }: LogOutputProps) {
  const lines = useMemo(() => plainText(text), [text])
  /** How far down it was. Only a reader makes that less: more lines move the end, and leave the place. */
  const place = useRef(0)

  // Whoever begins to follow is taken to the end from anywhere.
  useEffect(() => {
    if (isFollowing) place.current = 0
  }, [isFollowing])

  // biome-ignore lint/correctness/useExhaustiveDependencies: more lines move the end
  useEffect(() => {
    const element = output.current
    if (!element || !isFollowing) return
    const toEnd = () => {
      // Somebody has scrolled up, and the browser is about to say so.
      if (element.scrollTop < place.current) return
      element.scrollTop = element.scrollHeight
      place.current = element.scrollTop
    }
    toEnd()
    // A phone that is turned wraps lines elsewhere.
    const resizes = new ResizeObserver(toEnd)
    resizes.observe(element)
    return () => resizes.disconnect()
  }, [lines, isFollowing])

  function scrolled({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: UIEvent<HTMLPreElement>) {
    const before = place.current
    place.current = scrollTop
    const isAtEnd = scrollHeight - scrollTop - clientHeight < END_PX
    // Nothing is said by what moved nothing, as `toEnd` does, nor by who begins to scroll up or has fewer lines.
    if (isAtEnd && scrollTop > before) onScroll(true)
    else if (!isAtEnd && scrollTop < before) onScroll(false)
  }

  // Browsers scroll some frames later; lines that came until then would move where they scroll to.
  function beginsToScroll(isUp: boolean) {
    if (isUp && output.current?.scrollTop) onScroll(false)
  }

  return (
    <pre
      ref={output}
      role="log"
      aria-live="off"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
      tabIndex={0}
      onScroll={scrolled}
      onKeyDown={(event) => beginsToScroll(isUpwards(event))}
      // With Ctrl it makes the page larger.
      onWheel={({ deltaY, ctrlKey }) => beginsToScroll(deltaY < 0 && !ctrlKey)}
      className="max-h-96 min-h-24 overflow-auto rounded-b-lg bg-sunken px-4 py-3 font-mono text-xs/5 wrap-anywhere whitespace-pre-wrap"
    >
      {lines}
    </pre>
  )
}
