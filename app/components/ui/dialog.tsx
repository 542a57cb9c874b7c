import clsx from 'clsx'
import { X } from 'lucide-react'
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { IconButton } from './button'

const WIDTHS = { sm: 'sm:max-w-md', md: 'sm:max-w-xl', lg: 'sm:max-w-5xl' }

interface DialogProps {
  title: ReactNode
  /** Told of Escape, the cross and a click beside it; whoever shows the dialog takes it away then. */
  onClose: () => void
  width?: keyof typeof WIDTHS
  /** What stays in sight under what scrolls. */
  footer?: ReactNode
  /** Where the focus goes afterwards; without it, back to where it was. */
  returnFocus?: () => void
  children: ReactNode
}

/**
 * A modal dialog as long as it is rendered; what it holds scrolls, its title and footer stay. The focus begins at
 * what has `data-autofocus`.
 */
export function Dialog({ title, onClose, width = 'sm', footer, returnFocus, children }: DialogProps) {
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  const back = useRef(returnFocus)
  back.current = returnFocus
  useLayoutEffect(() => {
    const shown = dialog.current
    const before = document.activeElement as HTMLElement | null
    if (!shown?.open) shown?.showModal()
    // React's own `autoFocus` comes before the dialog is open, and does nothing then.
    shown?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
    holdPage()
    return () => {
      shown?.close()
      holdPage()
      if (back.current) back.current()
      else before?.focus({ preventScroll: true })
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
      className={clsx(
        'm-auto w-full max-w-[calc(100vw-1rem)] rounded-lg border bg-surface p-0 text-text shadow-lg',
        'backdrop:bg-black/50',
        WIDTHS[width],
      )}
    >
      <div className="flex max-h-[calc(100dvh-2rem)] flex-col">
        <div className="flex items-center gap-3 border-b py-2.5 pr-2.5 pl-4">
          <h2 id={id} className="min-w-0 flex-1 text-base font-semibold wrap-anywhere">
            {title}
          </h2>
          <IconButton size="sm" label="Close" onClick={onClose}>
            <X aria-hidden />
          </IconButton>
        </div>
        <div className="min-h-0 flex-1 overflow-auto">{children}</div>
        {footer && (
          <footer className="flex flex-wrap items-center justify-end gap-2 border-t px-4 py-3">
            {footer}
          </footer>
        )}
      </div>
    </dialog>
  )
}

/** Behind a modal dialog the page would scroll along. */
function holdPage() {
  document.documentElement.classList.toggle(
    'overflow-hidden',
    document.querySelector('dialog:modal') !== null,
  )
}
