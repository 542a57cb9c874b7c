import type { LoaderFunctionArgs } from '@remix-run/node'
import { auditCsvHeader, auditCsvRows } from '../audit/csv'
import { auditQuery } from '../audit/query'
import { csvFile } from '../csv'
import { orRefuse } from '../guard'

const PAGE = 1000

/** The log as the filters let it through, read page by page while it is sent. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  const { before, after, ...filters } = auditQuery(request)
  const read = (cursor?: number) => context.api.admin.audit({ ...filters, before: cursor, limit: PAGE })
  let page = await orRefuse(read())
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(auditCsvHeader())),
    async pull(controller) {
      controller.enqueue(encoder.encode(auditCsvRows(page.entries)))
      if (page.older === null) controller.close()
      else page = await read(page.older)
    },
  })
  return csvFile('slipway-audit.csv', body)
}
