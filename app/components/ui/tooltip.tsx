import { useEffect } from 'react'
import { showTitles } from './show-titles'

/**
 * Shows the `title` of whatever is pointed at, touched or focused by keyboard; once in a page. Nothing else has to
 * be rendered for it, and without scripts the browser shows titles itself.
 */
export function Tooltips() {
  useEffect(showTitles, [])
  return null
}
