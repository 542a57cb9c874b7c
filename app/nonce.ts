import { createContext } from 'react'

/** What inline scripts of the server's render carry. Empty in the browser, which hides it from the page. */
export const NonceContext = createContext('')
