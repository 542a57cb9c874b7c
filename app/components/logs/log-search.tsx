import { Form, useSearchParams } from '@remix-run/react'
import { Button } from '../ui/button'
import { Input } from '../ui/field'
import type { Log } from './use-log'

interface LogSearchProps {
  log: Log
  search: string
}

/** A form whose fields are the address, so that what was found can be sent to somebody. */
export function LogSearch({ log, search }: LogSearchProps) {
  const [params] = useSearchParams()
  const attempt = params.get('attempt')
  return (
    <Form method="get" role="search" preventScrollReset className="flex w-full gap-2 pb-2 sm:w-80">
      <input type="hidden" name="log" value={log.service} />
      {attempt && <input type="hidden" name="attempt" value={attempt} />}
      <Input
        name="search"
        type="search"
        defaultValue={search}
        maxLength={200}
        aria-label="Search the log"
        placeholder="Search the log"
        autoComplete="off"
      />
      <Button type="submit">Search</Button>
    </Form>
  )
}
