import type { LoaderFunctionArgs } from '@remix-run/node'
import { jsonAnswer } from '../json-answer'

const nothing = ({ context: { publicUrl } }: LoaderFunctionArgs) =>
  jsonAnswer(
    {
      error: `There is nothing at this address. ${publicUrl}/v1/models lists models, and the page of each says how to call it.`,
    },
    404,
  )

/** Programs read a refusal as JSON, where a browser would get a page. */
export const loader = nothing
export const action = nothing
