import { Link } from '@remix-run/react'
import type { Api } from '../../trpc/router'
import { RelaunchForm } from '../machine-actions'
import { Alert } from '../ui/alert'
import { buttonClasses } from '../ui/button'

type Machine = Awaited<ReturnType<Api['machines']['get']>>

interface FailedLaunchProps {
  machine: Machine
  mayLaunch: boolean
  /** Of the relaunch, where the machine can't have the same size again. */
  sizes: NonNullable<Parameters<typeof RelaunchForm>[0]['sizes']>
  isAdmin: boolean
}

/** Why a machine failed, and what can be done about it, with the way there. */
export function FailedLaunch({ machine: { id, error }, mayLaunch, sizes, isAdmin }: FailedLaunchProps) {
  if (!error) return null
  const isOfToken = error.group === 'keys'
  return (
    <Alert
      tone="danger"
      title={error.message}
      actions={
        <>
          {isOfToken && (
            <Link to="/profile" className={buttonClasses({ variant: 'primary' })}>
              Save the token again
            </Link>
          )}
          {mayLaunch && <RelaunchForm sizes={sizes}>Launch again</RelaunchForm>}
          {isAdmin && (
            <Link to={`/admin/machines/${id}`} className={buttonClasses()}>
              Details and retry
            </Link>
          )}
        </>
      }
    >
      <p>{error.cure}</p>
      {!isAdmin && error.retryMayHelp && (
        <p>An administrator can try the same launch again; its workspace and its name stay.</p>
      )}
    </Alert>
  )
}
