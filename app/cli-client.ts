/** The OAuth client that the `runcomfy` command is. */
export const CLI_CLIENT = 'runcomfy'
