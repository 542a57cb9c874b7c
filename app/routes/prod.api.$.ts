import type { LoaderFunctionArgs } from '@remix-run/node'
import { jsonAnswer } from '../json-answer'

const nothing = ({ context: { publicUrl } }: LoaderFunctionArgs) =>
  jsonAnswer(
    {
      error: `There is nothing at this address. Servers are at ${publicUrl}/prod/api/users/{user id}/servers, what they can begin with at …/workflows.`,
    },
    404,
  )

/** Programs read a refusal as JSON, where a browser would get a page. */
export const loader = nothing
export const action = nothing
