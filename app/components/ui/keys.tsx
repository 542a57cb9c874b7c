import clsx from 'clsx'

/** Keys to press, one after another. */
export function Keys({ keys, className }: { keys: readonly string[]; className?: string }) {
  return (
    <span className={clsx('inline-flex shrink-0 gap-1', className)}>
      {keys.map((key) => (
        <kbd
          key={key}
          className="min-w-5 rounded-sm border bg-sunken px-1.5 py-0.5 text-center font-sans text-xs text-muted"
        >
          {key}
        </kbd>
      ))}
    </span>
  )
}

/** What the key beside K is called on this computer. */
export const commandKey = () => (/Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl')
