/** One line of a CSV file, with its end. */
export const csvRow = (values: string[]): string => `${values.map(field).join(',')}\r\n`

/** A spreadsheet takes what begins like a formula for one; with an apostrophe in front it stays text. */
function field(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The answer that a browser saves as a file. */
export const csvFile = (name: string, body: BodyInit): Response =>
  new Response(body, {
    headers: {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="${name}"`,
      'Cache-Control': 'no-store',
    },
  })
