import * as Dropdown from '@radix-ui/react-dropdown-menu'
import clsx from 'clsx'
import type { LucideIcon } from 'lucide-react'
import { type ReactNode, useRef, useState } from 'react'
import { type buttonClasses, IconButton } from './button'

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

/** A button that opens a list of actions: arrow keys and first letters move, Escape leaves, the focus goes back. */
export function Menu({ label, icon, groups, ...look }: MenuProps) {
  const button = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)
  const chosen = useRef<MenuItem>()
  return (
    // Modal, it would write a style into the page, which the policy forbids.
    <Dropdown.Root modal={false} open={isOpen} onOpenChange={setOpen}>
      <Dropdown.Trigger asChild>
        <IconButton
          ref={button}
          label={label}
          // Not at pointerdown, with which a finger that scrolls a list begins.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => setOpen(!isOpen)}
          // It opens the menu; a grid would go to another row as well.
          onKeyDown={(event) => event.key === 'ArrowDown' && event.stopPropagation()}
          {...look}
        >
          {icon}
        </IconButton>
      </Dropdown.Trigger>
      <Dropdown.Portal container={button.current?.closest('main')}>
        <Dropdown.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          loop
          onPointerDownOutside={(event) => {
            // The click that follows closes it.
            if (button.current?.contains(event.target as Node)) event.preventDefault()
          }}
          onCloseAutoFocus={(event) => {
            const { onSelect } = chosen.current ?? {}
            chosen.current = undefined
            if (!onSelect) return
            event.preventDefault()
            // First, so that what the action focuses keeps the focus.
            button.current?.focus({ preventScroll: true })
            onSelect()
          }}
          // React lets them bubble to what the button is in, such as a row.
          onClick={(event) => event.stopPropagation()}
          onKeyDown={(event) => event.stopPropagation()}
          className="z-40 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 overflow-auto rounded-md border bg-surface p-1 text-text shadow-lg"
        >
          {isOpen && <Groups groups={groups()} onChoose={(item) => (chosen.current = item)} />}
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  )
}

interface GroupsProps {
  groups: MenuItem[][]
  onChoose: (item: MenuItem) => void
}

function Groups({ groups, onChoose }: GroupsProps) {
  return groups.map((group, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: groups stay where they are
    <Dropdown.RadioGroup key={at} value={group.find(({ checked }) => checked)?.label ?? ''}>
      {at > 0 && <Dropdown.Separator className="my-1 border-t" />}
      {group.map((item) => (
        <Item key={item.label} item={item} onChoose={onChoose} />
      ))}
    </Dropdown.RadioGroup>
  ))
}

function Item({ item, onChoose }: { item: MenuItem; onChoose: GroupsProps['onChoose'] }) {
  const { label, icon: Icon, danger, checked } = item
  const shared = {
    onSelect: () => onChoose(item),
    className: clsx(
      'flex cursor-pointer items-center gap-2.5 rounded-sm px-2.5 py-1.5 text-sm whitespace-nowrap',
      'data-highlighted:bg-sunken focus-visible:-outline-offset-2',
      danger && 'text-danger',
    ),
  }
  const face = (
    <>
      {Icon && <Icon aria-hidden className="size-4 shrink-0" />}
      {checked !== undefined && (
        <span aria-hidden className="w-4 shrink-0">
          {checked && '✓'}
        </span>
      )}
      {label}
    </>
  )
  if (checked === undefined) return <Dropdown.Item {...shared}>{face}</Dropdown.Item>
  return (
    <Dropdown.RadioItem value={label} {...shared}>
      {face}
    </Dropdown.RadioItem>
  )
}
