import { plain } from './plain'

/** A text from elsewhere as a part of one line. */
export const oneLine = (text: string): string => plain(text).replace(/\s+/g, ' ').trim()
