import type { LoaderFunctionArgs } from '@remix-run/node'
import { orRefuse } from '../guard'
import { usageCsv } from '../usage/csv'
import { usageQuery } from '../usage/query'

export const loader = async ({ context: { api }, request }: LoaderFunctionArgs) =>
  usageCsv(request, await orRefuse(api.usage.everybody(usageQuery(request))), 'user')
