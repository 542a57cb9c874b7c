import clsx from 'clsx'
import { Search } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Alert } from '../ui/alert'
import { Button, buttonClasses } from '../ui/button'
import { commandKey, Keys } from '../ui/keys'
import { PALETTE_KEY } from './shortcuts'
import { useShortcuts } from './use-shortcuts'

// Few visits need them, and they are more than all the rest of a page.
const Palette = lazy(() => import('./palette').catch(() => ({ default: NotLoaded })))
const ShortcutsHelp = lazy(() => import('./shortcuts-help').catch(() => ({ default: NotLoaded })))

/** In the header: the way to the command palette, and what listens to all keyboard shortcuts. */
export function PaletteButton({ isAdmin }: { isAdmin: boolean }) {
  const [shown, show] = useState<'palette' | 'help'>()
  const [modifier, setModifier] = useState('Ctrl')
  useEffect(() => setModifier(commandKey()), [])
  useShortcuts({ isAdmin, onPalette: () => show('palette'), onHelp: () => show('help') })
  const close = () => show(undefined)
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => show('palette')}
        className={clsx(
          buttonClasses({ size: 'sm' }),
          'w-8 px-0! text-muted noscript:hidden lg:w-56 lg:px-2.5!',
        )}
      >
        <Search aria-hidden />
        <span className="sr-only lg:not-sr-only lg:flex-1 lg:text-left lg:font-normal">
          Search or jump to…
        </span>
        <span aria-hidden className="hidden lg:inline">
          <Keys keys={[`${modifier} ${PALETTE_KEY.toUpperCase()}`]} />
        </span>
      </button>
      <Suspense>
        {shown === 'palette' && <Palette isAdmin={isAdmin} onClose={close} onHelp={() => show('help')} />}
        {shown === 'help' && <ShortcutsHelp isAdmin={isAdmin} onClose={close} />}
      </Suspense>
    </>
  )
}

/** Without the network, or after an update of the server, whose pages have other files. The page stays as it is. */
function NotLoaded({ onClose }: { onClose: () => void }) {
  return (
    <div className="fixed inset-x-4 top-16 z-50 mx-auto max-w-md rounded-md shadow-lg">
      <Alert
        tone="warning"
        title="This part of Slipway could not be loaded"
        actions={
          <Button size="sm" onClick={onClose}>
            Close
          </Button>
        }
      >
        Check your connection, then load the page again.
      </Alert>
    </div>
  )
}
