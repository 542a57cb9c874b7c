import clsx from 'clsx'

/** How series are told apart, by colour and by pattern. */
export type Mark = 'bar' | 'line'

/** The colour of the n-th series, as what fills, draws and writes. */
export const COLOURS = ['text-chart-1', 'text-chart-2', 'text-chart-3', 'text-chart-4']

/** Of the n-th line: whole, dashed, dotted. */
export const DASHES = [undefined, '6 4', '2 3', '8 3 2 3']

export function Legend({ names, mark }: { names: string[]; mark: Mark }) {
  if (names.length < 2) return null
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {names.map((name, place) => (
        <li key={name} className="flex items-center gap-1.5">
          <svg aria-hidden width="16" height="12" className={clsx('shrink-0', COLOURS[place])}>
            {mark === 'bar' ? (
              <>
                <rect width="16" height="12" rx="2" fill="currentColor" />
                <Hatching place={place} width="16" height="12" />
              </>
            ) : (
              <line
                x2="16"
                y1="6"
                y2="6"
                stroke="currentColor"
                strokeWidth="2"
                strokeDasharray={DASHES[place]}
              />
            )}
          </svg>
          {name}
        </li>
      ))}
    </ul>
  )
}

/** The patterns, once a page. */
export function Hatches() {
  return (
    <svg aria-hidden width="0" height="0" className="absolute">
      <defs>
        <pattern id="hatch-1" width="6" height="6" patternUnits="userSpaceOnUse">
          <path d="M-1 7 7 -1M-1 1 1 -1M5 7 7 5" className="stroke-surface" strokeWidth="1.5" />
        </pattern>
        <pattern id="hatch-2" width="5" height="5" patternUnits="userSpaceOnUse">
          <circle cx="2.5" cy="2.5" r="1" className="fill-surface" />
        </pattern>
        <pattern id="hatch-3" width="5" height="5" patternUnits="userSpaceOnUse">
          <path d="M0 2.5h5" className="stroke-surface" strokeWidth="1.5" />
        </pattern>
      </defs>
    </svg>
  )
}

/** Over a bar of the n-th series; the first is plain. */
export function Hatching({
  place,
  ...box
}: { place: number } & Record<'width' | 'height', string | number> & { x?: string; y?: number }) {
  return place > 0 ? <rect {...box} fill={`url(#hatch-${place})`} /> : null
}
