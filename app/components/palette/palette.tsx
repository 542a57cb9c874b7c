import * as Dialog from '@radix-ui/react-dialog'
import { useRef, useState } from 'react'
import { type Deed, ownActions, pageEntries } from './entries'
import { EntryList } from './entry-list'
import { Question } from './question'
import { useChoose } from './use-choose'
import { useFound } from './use-found'

interface PaletteProps {
  isAdmin: boolean
  onClose: () => void
  onHelp: () => void
}

/** Search, and jump to anything or do it, by keyboard. It is loaded when it is first asked for. */
export default function Palette({ isAdmin, onClose, onHelp }: PaletteProps) {
  const [search, setSearch] = useState('')
  const [question, ask] = useState<Extract<Deed, { does: 'ask' }>>()
  const { entries, ...finding } = useFound(search, isAdmin)
  const choose = useChoose({ onClose, onAsk: ask, onHelp })
  const before = useRef(document.activeElement)
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        {/* Radix's own overlay locks scrolling with a style element, which the browser must refuse. */}
        <div aria-hidden className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            const was = before.current
            if (was instanceof HTMLElement && was.isConnected) was.focus({ preventScroll: true })
          }}
          className="fixed inset-x-2 top-2 z-50 mx-auto max-w-xl overflow-hidden rounded-lg border bg-surface text-text shadow-lg sm:top-[12vh]"
        >
          <Dialog.Title className="sr-only">Search or jump to…</Dialog.Title>
          {question ? (
            <Question {...question} onClose={onClose} onBack={() => ask(undefined)} />
          ) : (
            <EntryList
              entries={[...entries, ...pageEntries(isAdmin), ...ownActions()]}
              search={search}
              onSearch={setSearch}
              onChoose={choose}
              {...finding}
            />
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
