import { redirect } from '@remix-run/node'
import { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { isAppError } from '../errors'

/** For loaders: what a procedure refuses becomes a redirect to sign-in, or the page that says so. */
export async function orRefuse<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw asResponse(error)
  }
}

/** A refusal that belongs into the form it came from. */
export interface FormFault {
  message: string
  /** The input that it is about, when it is about one. */
  field: string | null
  /** Whether the same goes through with `anyway`. */
  mayInsist?: boolean
  /** Everything that is wrong, by the whole paths of the inputs. */
  faults?: readonly { field: string; message: string }[]
}

const FOR_THE_FORM: TRPCError['code'][] = [
  'BAD_REQUEST',
  'CONFLICT',
  'FORBIDDEN',
  'PRECONDITION_FAILED',
  'TOO_MANY_REQUESTS',
  'SERVICE_UNAVAILABLE',
]

/**
 * For actions: what a procedure refuses as input comes back for the form; anything else is a page.
 * @param codes which refusals belong into the form
 */
export async function submitted<T>(
  answer: Promise<T>,
  codes = FOR_THE_FORM,
): Promise<{ done: T; fault?: never } | { fault: FormFault; done?: never }> {
  try {
    return { done: await answer }
  } catch (error) {
    if (error instanceof TRPCError && isAppError(error.cause) && codes.includes(error.code))
      return {
        fault: {
          ...besideItsField(error.message, error.cause.field ?? null),
          mayInsist: error.cause.mayInsist,
          faults: error.cause.faults,
        },
      }
    throw asResponse(error)
  }
}

/** Schemas' messages begin with the name of the input; in a form they stand right at it. */
function besideItsField(message: string, field: string | null): FormFault {
  const said = field && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message
  return { message: said.charAt(0).toUpperCase() + said.slice(1), field: field?.split('.')[0] ?? null }
}

function asResponse(error: unknown): unknown {
  if (!(error instanceof TRPCError)) return error
  if (error.code === 'UNAUTHORIZED') return redirect('/sign-in')
  return new Response(error.message, { status: getHTTPStatusCodeFromError(error) })
}

/** A field of a form as text; absent and files are empty. */
export const formText = (form: FormData, name: string): string => {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

/** All fields of a form that are text. */
export const formFields = (form: FormData): Record<string, string> =>
  Object.fromEntries([...form].filter((field): field is [string, string] => typeof field[1] === 'string'))
