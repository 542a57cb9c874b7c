/** Every address that is nobody's. */
export function loader(): never {
  throw new Response('There is nothing under this address.', { status: 404 })
}

export const action = loader

/** Makes it a page, so that the refusal is shown as one. */
export default function Nowhere() {
  return null
}
