import { useState } from 'react'
import type { EntrySort } from '../../contract'
import type { Order } from './files-api'

const KEY = 'slipway.files.order'
const BY_NAME: Order = { sort: 'name', order: 'asc' }
/** What a click on a column gives first: the largest and the newest are what people look for. */
const FIRST: Record<EntrySort, Order['order']> = { name: 'asc', size: 'desc', modified: 'desc' }

/** How lists are sorted, kept for the next visit. */
export function useOrder(): [Order, (sort: EntrySort) => void] {
  const [order, setOrder] = useState(readOrder)
  function choose(sort: EntrySort) {
    const turned = order.order === 'asc' ? 'desc' : 'asc'
    const next: Order = { sort, order: order.sort === sort ? turned : FIRST[sort] }
    setOrder(next)
    try {
      localStorage.setItem(KEY, JSON.stringify(next))
    } catch {
      // A browser that keeps nothing sorts by name next time.
    }
  }
  return [order, choose]
}

function readOrder(): Order {
  try {
    const { sort, order } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Order>
    return sort && sort in FIRST && (order === 'asc' || order === 'desc') ? { sort, order } : BY_NAME
  } catch {
    return BY_NAME
  }
}
