import clsx from 'clsx'
import type { LucideIcon } from 'lucide-react'
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { type buttonClasses, IconButton } from './button'
import { placeBeside } from './place-beside'

export interface MenuItem {
  label: string
  icon?: LucideIcon
  onSelect: () => void
  danger?: boolean
  /** For one of several of which one is on. */
  checked?: boolean
}

type Look = NonNullable<Parameters<typeof buttonClasses>[0]>

interface MenuProps extends Look {
  label: string
  icon: ReactNode
  /** Set apart by lines; asked for when the menu opens. */
  groups: () => MenuItem[][]
  /** Of the button: a row of a grid takes it out of the order of Tab. */
  tabIndex?: number
  className?: string
}

const BY_KEY: Record<string, (at: number, last: number) => number> = {
  ArrowDown: (at, last) => (at === last ? 0 : at + 1),
  ArrowUp: (at, last) => (at <= 0 ? last : at - 1),
  Home: () => 0,
  End: (_at, last) => last,
}

/** A button that opens a list of actions: arrow keys move, Escape and Tab leave, the focus goes back. */
export function Menu({ label, icon, groups, ...look }: MenuProps) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)
  const close = () => {
    setOpen(false)
    button.current?.focus({ preventScroll: true })
  }
  return (
    <>
      <IconButton
        ref={button}
        label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
        {...look}
      >
        {icon}
      </IconButton>
      {isOpen && button.current && (
        <Popup
          id={id}
          label={label}
          groups={groups()}
          button={button.current}
          onClose={close}
          onLeave={() => setOpen(false)}
        />
      )}
    </>
  )
}

interface PopupProps {
  id: string
  label: string
  groups: MenuItem[][]
  button: HTMLElement
  /** The focus goes back to the button. */
  onClose: () => void
  /** Somebody went elsewhere. */
  onLeave: () => void
}

function Popup({ id, label, groups, button, onClose, onLeave }: PopupProps) {
  const popup = useRef<HTMLDivElement>(null)
  const items = () => [...(popup.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])]
  const leave = useRef(onLeave)
  leave.current = onLeave

  useLayoutEffect(() => {
    // The browser's own popover stands above everything, whatever it is in.
    popup.current?.showPopover()
    if (popup.current) placeBeside(popup.current, button)
    popup.current?.querySelector<HTMLElement>('[role^=menuitem]')?.focus({ preventScroll: true })
  }, [button])
  useEffect(() => {
    const onPointerDown = ({ target }: Event) => {
      if (!popup.current?.contains(target as Node) && !button.contains(target as Node)) leave.current()
    }
    const onMove = () => leave.current()
    document.addEventListener('pointerdown', onPointerDown)
    addEventListener('scroll', onMove)
    addEventListener('resize', onMove)
    return () => {
      document.removeEventListener('pointerdown', onPointerDown)
      removeEventListener('scroll', onMove)
      removeEventListener('resize', onMove)
    }
  }, [button])

  function onKeyDown(event: KeyboardEvent) {
    event.stopPropagation()
    const all = items()
    const next = BY_KEY[event.key]?.(all.indexOf(document.activeElement as HTMLElement), all.length - 1)
    if (next !== undefined) all[next]?.focus()
    else if (event.key === 'Escape' || event.key === 'Tab') onClose()
    else return
    event.preventDefault()
  }
  return (
    <div
      ref={popup}
      id={id}
      role="menu"
      tabIndex={-1}
      aria-label={label}
      // Not in React's types yet.
      {...{ popover: 'manual' }}
      onKeyDown={onKeyDown}
      onClick={(event) => event.stopPropagation()}
      className="fixed m-0 max-h-[80dvh] min-w-44 overflow-auto rounded-md border bg-surface p-1 text-text shadow-lg"
    >
      {groups.map((group, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: groups stay where they are
        <div key={at} role="presentation" className={clsx(at > 0 && 'mt-1 border-t pt-1')}>
          {group.map((item) => (
            <Item key={item.label} item={item} onDone={onClose} />
          ))}
        </div>
      ))}
    </div>
  )
}

function Item({ item, onDone }: { item: MenuItem; onDone: () => void }) {
  const { label, icon: Icon, onSelect, danger, checked } = item
  const state =
    checked === undefined ? { role: 'menuitem' } : { role: 'menuitemradio', 'aria-checked': checked }
  return (
    <button
      type="button"
      {...state}
      tabIndex={-1}
      onClick={() => {
        // First, so that what the action focuses keeps the focus.
        onDone()
        onSelect()
      }}
      className={clsx(
        'flex w-full items-center gap-2.5 rounded-sm px-2.5 py-1.5 text-left text-sm whitespace-nowrap',
        'hover:bg-sunken focus:bg-sunken focus-visible:-outline-offset-2',
        danger && 'text-danger',
      )}
    >
      {Icon && <Icon aria-hidden className="size-4 shrink-0" />}
      {checked !== undefined && (
        <span aria-hidden className="w-4 shrink-0">
          {checked && '✓'}
        </span>
      )}
      {label}
    </button>
  )
}
