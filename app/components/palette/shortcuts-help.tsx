import { useState } from 'react'
import { Dialog } from '../ui/dialog'
import { commandKey, Keys } from '../ui/keys'
import { singleKeysOn } from './kept'
import { PALETTE_KEY, singleKeys } from './shortcuts'

/** All keyboard shortcuts, and whether those of single keys are on in this browser. */
export default function ShortcutsHelp({ isAdmin, onClose }: { isAdmin: boolean; onClose: () => void }) {
  const [isOn, setOn] = useState(singleKeysOn.get)
  const single = singleKeys(isAdmin)
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="divide-y px-4 text-sm">
        <Row does="Search, or jump anywhere" keys={[commandKey(), PALETTE_KEY.toUpperCase()]} />
        {single.map((shortcut) => (
          <Row
            key={shortcut.does}
            does={'to' in shortcut ? `Go to ${shortcut.does}` : shortcut.does}
            keys={shortcut.keys}
            isOff={!isOn}
          />
        ))}
      </dl>
      <label className="flex items-start gap-2 border-t px-4 py-3">
        <input
          type="checkbox"
          data-autofocus
          checked={isOn}
          className="mt-0.5 size-4 shrink-0 accent-accent"
          onChange={({ target }) => {
            singleKeysOn.set(target.checked)
            setOn(target.checked)
          }}
        />
        <span>
          Shortcuts of single keys
          <span className="block text-xs text-muted">
            Turn them off where keys are pressed by accident, as with speech input. For this browser.
          </span>
        </span>
      </label>
    </Dialog>
  )
}

function Row({ does, keys, isOff = false }: { does: string; keys: readonly string[]; isOff?: boolean }) {
  return (
    <div className="flex items-center justify-between gap-4 py-2">
      <dt className={isOff ? 'text-muted line-through' : undefined}>{does}</dt>
      <dd>
        <Keys keys={keys} />
      </dd>
    </div>
  )
}
