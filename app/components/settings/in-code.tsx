import type { ReactNode } from 'react'

/** Text in which what stands in backticks is code. */
export const inCode = (text: string): ReactNode[] =>
  text.split('`').map((part, at) =>
    at % 2 === 0 ? (
      part
    ) : (
      // The parts of a text never change their order.
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      <code key={at} className="font-mono">
        {part}
      </code>
    ),
  )
