import { Link } from '@remix-run/react'
import clsx from 'clsx'
import { formatBytes } from '../../../format-bytes'
import type { Usage } from '../../usage/query'
import { inHours } from './units'

interface UsageTableProps {
  rows: Usage['rows']
  of: 'machine' | 'user'
  /** Of more than there are rows. */
  left: number
}

const PADDING = 'px-2 py-2 first:pl-4 last:pr-4 sm:px-4'
const HEAD = `${PADDING} text-right font-medium first:text-left`
const CELL = `${PADDING} text-right whitespace-nowrap`
/** What a phone has no room for; the CSV has it. */
const WIDE = 'hidden sm:table-cell'

/** Who or what used how much, most first. */
export function UsageTable({ rows, of, left }: UsageTableProps) {
  const columns = [of === 'user' ? 'User' : 'Machine', 'GPU time', 'Time', 'Runs', 'Downloads']
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard. */}
      <section tabIndex={0} aria-label={`Table by ${of}`} className="overflow-x-auto">
        <table className="w-full tabular-nums">
          <thead>
            <tr className="border-b text-xs text-muted">
              {columns.map((name) => (
                <th key={name} scope="col" className={clsx(HEAD, name === 'Runs' && WIDE)}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y">
            {rows.map(({ id, name, isThere, runs, hours, gpuHours, bytes }) => (
              <tr key={id}>
                <th scope="row" className={clsx(PADDING, 'min-w-24 text-left font-medium wrap-anywhere')}>
                  {isThere ? (
                    <Link
                      to={of === 'user' ? `/admin/users/${id}` : `/machines/${id}`}
                      className="hover:underline"
                    >
                      {name ?? id}
                    </Link>
                  ) : (
                    <>
                      {name ?? id} <span className="font-normal text-muted">(deleted)</span>
                    </>
                  )}
                </th>
                <td className={CELL}>{inHours(gpuHours)}</td>
                <td className={CELL}>{inHours(hours)}</td>
                <td className={clsx(CELL, WIDE)}>{runs}</td>
                <td className={CELL}>{bytes > 0 ? formatBytes(bytes) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {left > 0 && <p className="border-t px-4 py-2 text-muted">And {left} more: the CSV has them all.</p>}
    </>
  )
}
